-- Which departments the features department_1_share_84d to department_5_share_84d speak of.
{{ top_departments(ref('unified_feature_dates')) }}
