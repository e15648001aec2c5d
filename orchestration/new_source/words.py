"""What systems call the things of our entities: names of tables and of columns, in order of preference.

Names are compared in the lake's spelling (lower case, underscores). The words of an entity's own contract need no
entry: `email` is found as `email`.
"""

from __future__ import annotations

# Names of tables, in the singular.
TABLES: dict[str, str] = {
    "customer_records": (
        "customer user account contact member person people client subscriber buyer guest visitor kunde client_account"
        " lead patient student profile web_account customer_account shop_user party"
    ),
    "products": "product item article sku catalog catalogue variant product_variant artikel",
    "stores": "store shop branch outlet site warehouse filiale",
    "orders": "order sale purchase transaction invoice basket receipt sales_order checkout bestellung",
    "order_lines": (
        "order_line order_item order_detail order_product line_item sale_line sales_line invoice_line orderline"
        " orderitem basket_item purchase_line transaction_line order_position"
    ),
    "campaigns": "campaign mailing",
    "coupons": "coupon voucher discount_code promo_code",
    "coupon_redemptions": "coupon_redemption redemption voucher_redemption",
    "campaign_touches": "campaign_touch touch send email_event campaign_event email_send message_event delivery",
    "promotions": "promotion shelf_promotion",
    "stock_levels": "stock_level stock inventory inventory_level stock_item stock_balance lagerbestand",
    "stock_outs": "stock_out out_of_stock stockout",
    "web_events": "event web_event page_view pageview hit click clickstream track",
    "support_cases": "ticket case support_case issue request complaint incident conversation",
    "calls": "call phone_call call_record",
    "survey_responses": "response survey_response answer survey survey_answer nps_response feedback",
    "mentions": "mention review post tweet product_review social_post",
    "opportunities": "opportunity deal pipeline_deal",
    "consents": "consent opt_in optin permission marketing_permission preference communication_preference",
    "demographics": "demographic household",
}

_CREATED = "created created_on date_created creation_date date_add inserted_at createdat"
_UPDATED = (
    "modified_at modified last_modified changed_at last_updated updated modified_on changed_on date_modified date_upd"
    " last_modified_at update_time"
)
_ACCOUNT = (
    "customer_id user_id account_id contact_id member_id client_id person_id buyer_id subscriber_id shopper_id"
    " customer_no customer_number customer_nr account_no account_number client_no member_no cust_id cust_no customer"
    " user requester_id author_id card_number loyalty_card"
)
_WHEN = "timestamp event_time created_at date datetime time at"

# Other names of a contract's columns, for every entity that has the column.
COLUMNS: dict[str, str] = {
    "full_name": "name customer_name display_name contact_name member_name account_name user_name person_name",
    "given_name": "first_name firstname forename vorname prenom fname christian_name",
    "family_name": "last_name lastname surname nachname nom lname",
    "email": "e_mail mail email_address emailaddress mail_address contact_email user_email",
    "phone": "phone_number telephone tel mobile mobile_phone cell phone_no telephone_number handy telefon",
    "street": "address address1 address_1 address_line1 address_line_1 street_address street_line line1 strasse",
    "city": "town locality ort stadt ville",
    "postcode": "zip zip_code zipcode postal_code postalcode post_code plz",
    "country": "country_code country_name land country_iso",
    "birth_date": "birthday birthdate date_of_birth dob born_on geburtsdatum",
    "gender": "sex",
    "language": "locale lang language_code preferred_language",
    "loyalty_card": "card_number card_no loyalty_number loyalty_id",
    "device_id": "device cookie_id anonymous_id visitor_id client_id",
    "company": "company_name organisation organization firm employer",
    "created_at": f"registered_at signup_date signed_up signed_up_at subscribed_at joined_at opened_at {_CREATED}",
    "updated_at": _UPDATED,
    "account_key": _ACCOUNT,
    "manufacturer_id": "manufacturer vendor_id vendor supplier_id brand_id",
    "department": "main_category category_group division",
    "brand": "brand_name make",
    "product_category": "category category_name product_group group_name",
    "product_type": "type subcategory sub_category kind",
    "package_size": "size pack_size unit_size",
    "list_price_usd": "list_price price unit_price retail_price selling_price price_usd",
    "store_name": "name shop_name branch_name",
    "opened_on": "opening_date opened_at open_date",
    "channel": "sales_channel order_channel source medium",
    "line_number": "line_no line position item_no row_number line_nr sequence",
    "quantity": "qty units amount_ordered quantity_ordered count pieces menge",
    "sales_usd": "line_total total total_price amount net_amount sales_value line_amount total_amount subtotal",
    "retail_discount_usd": "discount discount_amount line_discount discount_total",
    "coupon_discount_usd": "coupon_amount coupon_discount voucher_amount",
    "campaign_type": "type kind",
    "start_date": "starts_on start_at started_at starts_at valid_from begin_date",
    "end_date": "ends_on end_at ended_at ends_at valid_to valid_until",
    "coupon_upc": "coupon_code coupon_id voucher_code code coupon",
    "redeemed_on": "redeemed_at used_at redemption_date used_on",
    "touch_event": "event event_type action type status",
    "cost_usd": "cost price",
    "promotion_week": "week week_number",
    "display_location": "display",
    "mailer_location": "mailer",
    "on_hand_units": "on_hand stock quantity_on_hand qty_on_hand available available_quantity in_stock",
    "on_order_units": "on_order quantity_on_order qty_on_order incoming",
    "next_delivery_on": "next_delivery expected_on delivery_date next_delivery_date",
    "lead_time_days": "lead_time lead_days delivery_days",
    "review_days": "review_period order_cycle_days",
    "pack_units": "pack_size case_size units_per_pack pack",
    "service_level": "target_service_level",
    "out_from": "starts_on start_date out_since",
    "out_until": "ends_on end_date back_on",
    "session_id": "session visit_id ga_session_id",
    "event_type": "event event_name type action",
    "page": "url page_url path page_path page_location",
    "referrer": "referer referrer_url page_referrer",
    "device_type": "device_category platform",
    "subject": "title summary",
    "body": "description message text content first_message",
    "category": "topic type reason",
    "priority": "urgency severity",
    "status": "state",
    "agent": "assignee assigned_to agent_name agent_id handled_by",
    "first_response_at": "first_reply_at first_answered_at",
    "resolved_at": "closed_at solved_at",
    "satisfaction": "csat satisfaction_score rating",
    "caller_phone": "phone phone_number caller caller_id from_number",
    "reason": "topic category call_reason",
    "transcript": "turns conversation",
    "duration_s": "duration duration_seconds length_s call_duration seconds",
    "post_call_score": "score rating satisfaction",
    "survey": "survey_type survey_name type",
    "question": "question_text",
    "score": "rating value nps answer_score",
    "comment": "text feedback answer remarks free_text",
    "platform": "network channel source site",
    "author_handle": "author handle username user_name screen_name",
    "mention_text": "text body content review comment message",
    "rating": "stars score",
    "stage": "status state deal_stage",
    "lead_source": "source origin utm_source",
    "expected_value_usd": "value amount expected_value deal_value expected_revenue",
    "purpose": "topic consent_type list",
    "state": "status consent opted_in is_opted_in accepted",
    "age_band": "age age_group",
    "income_band": "income income_group",
    "home_ownership": "homeowner tenure",
    "household_size": "persons household_persons",
    "household_composition": "household_comp composition",
    "kids_count": "children number_of_children kids",
}

# When it happened: what an entity calls the time that matters, before the words that fit all.
WHEN: dict[str, str] = {
    "orders": f"ordered_at order_date placed_at purchased_at order_time sold_at date_ordered {_WHEN} {_CREATED}",
    "campaign_touches": f"sent_at event_at {_WHEN}",
    "web_events": f"event_at event_timestamp received_at {_WHEN}",
    "support_cases": f"opened_at created_at reported_at submitted_at {_WHEN} {_CREATED}",
    "calls": f"started_at called_at start_time call_time {_WHEN}",
    "survey_responses": f"answered_at responded_at submitted_at completed_at {_WHEN}",
    "mentions": f"posted_at published_at reviewed_at {_WHEN}",
    "opportunities": f"created_at opened_at {_CREATED} {_WHEN}",
    "consents": f"stated_at consented_at given_at opted_in_at opted_out_at changed_at {_WHEN} {_CREATED}",
}

# Columns that make a table an entity, whatever it is called; three of them are enough.
CORE: dict[str, str] = {
    "customer_records": "full_name given_name family_name email phone birth_date postcode street",
    "products": "list_price_usd product_category brand package_size department",
    "stores": "store_name opened_on city",
    "orders": "account_key occurred_at channel store_id",
    "order_lines": "order_id product_id quantity sales_usd line_number",
    "campaigns": "campaign_type start_date end_date",
    "coupons": "coupon_upc product_id campaign_id",
    "coupon_redemptions": "coupon_upc account_key redeemed_on",
    "campaign_touches": "campaign_id account_key touch_event cost_usd",
    "promotions": "product_id store_id promotion_week display_location mailer_location",
    "stock_levels": "on_hand_units on_order_units lead_time_days pack_units service_level",
    "stock_outs": "product_id store_id out_from out_until",
    "web_events": "session_id event_type page referrer device_type",
    "support_cases": "subject body priority satisfaction resolved_at first_response_at",
    "calls": "caller_phone transcript duration_s post_call_score",
    "survey_responses": "survey question score comment",
    "mentions": "platform author_handle mention_text rating",
    "opportunities": "stage lead_source expected_value_usd",
    "consents": "channel purpose state account_key",
    "demographics": "age_band income_band home_ownership household_size kids_count",
}

DELETED = "deleted is_deleted deleted_at is_removed removed_at deleted_on"
EACH = "unit_price price item_price price_each price_per_unit"

# Columns that no contract takes, and that change what the rows mean: names -> entities, what a person should see to.
HEEDED: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "status state order_status payment_status financial_status item_status cancelled cancelled_at canceled_at"
        " is_cancelled is_test test refunded_at",
        ("orders", "order_lines", "coupon_redemptions"),
        "rows that it marks as cancelled, unpaid or a test count as sales until a `where` leaves them out",
    ),
    (
        "currency currency_code currency_iso order_currency",
        ("products", "orders", "order_lines", "opportunities", "campaign_touches"),
        "money is taken for US dollars as it is; convert what is in another currency",
    ),
)
