{#-
    What to do next with a customer, the most urgent first: the first action that fits the customer
    and that the customer allows is the one. The mart next_best_actions says it for each customer, the
    mart next_best_action_rules shows this list to readers.

    when: condition on the columns of the CTE `known` of next_best_actions.sql.
    channels: how to reach the customer, the best first. An action of `service` is owed to the customer
    and needs a valid contact point; every other one needs consent to marketing on that channel.
    uses_profile: it rests on a model of what the customer does: not for who withdrew consent to that.
    rests: not for who was written to in the last days (var actions.rest_days).
    stake, reason: SQL. within_days: until when it makes sense.
    graded_by: subject and metric of the mart grades that say how right the model behind it is.
-#}
{% macro next_best_actions() %}
{% set actions %}
resolve_case:
  label: Resolve the open case
  department: service
  says: A ticket of the last 60 days is not resolved yet.
  when: open_cases > 0
  channels: [phone, email]
  service: true
  within_days: 1
  stake: expected_spend_90d_usd
  reason: "{{ as_text('open_cases') }} || ' open, the oldest since ' || {{ as_text('open_since') }} || ': ' || coalesce(open_about, 'no category')"
make_good:
  label: Make good for a bad experience
  department: service
  says: A complaint of the last 14 days ended with a score of 1 or 2 of 5.
  when: bad_on is not null
  channels: [phone, email]
  service: true
  within_days: 3
  stake: expected_spend_90d_usd
  reason: "'complaint of ' || {{ as_text('bad_on') }} || ' ended with a bad score: ' || coalesce(bad_about, 'no category')"
save_in_person:
  label: Keep in person
  department: sales
  says: At risk, and among the fifth of those at risk with the largest expected loss.
  when: is_at_risk and is_worth_a_call
  channels: [phone, email]
  uses_profile: true
  within_days: 7
  stake: expected_loss_usd
  reason: churn_reasons
  graded_by: [churn, lift_at_10_percent]
finish_cart:
  label: Remind of the cart
  department: marketing
  says: The last visit of the last 3 days left a cart, and no order came after it.
  when: cart_left_on is not null
  channels: [email, sms]
  within_days: 2
  stake: expected_basket_usd
  reason: "'left a cart on ' || {{ as_text('cart_left_on') }}"
save_by_message:
  label: Write to keep
  department: marketing
  says: At risk, with a smaller expected loss.
  when: is_at_risk
  channels: [email, sms, letter]
  uses_profile: true
  within_days: 14
  stake: expected_loss_usd
  reason: churn_reasons
  graded_by: [churn, auc]
second_order:
  label: Nudge to the second order
  department: marketing
  says: New, with one order so far.
  when: lifecycle_stage = 'new' and orders = 1
  channels: [email, sms]
  rests: true
  within_days: 14
  stake: expected_basket_usd
  reason: "'one order so far, ' || {{ as_text('recency_days') }} || ' days ago'"
win_back:
  label: Win back
  department: marketing
  says: Lapsed, silent for more than six usual gaps between orders.
  when: lifecycle_stage = 'lapsed'
  channels: [email, sms, letter]
  rests: true
  within_days: 30
  stake: expected_basket_usd
  reason: "'no order for ' || {{ as_text('recency_days') }} || ' days, ' || {{ as_text('orders') }} || ' before'"
cross_sell:
  label: Offer something new
  department: marketing
  says: Buys; the first of the products recommended that this customer never bought.
  when: product_id is not null and lifecycle_stage <> 'lapsed'
  channels: [email, sms]
  uses_profile: true
  rests: true
  within_days: 14
  stake: nullif(list_price_usd, 0)
  reason: "coalesce(product_type, product_id) || ': ' || product_reason"
  graded_by: [recommendations, new_product_hit_rate_at_5]
general_offer:
  label: Send what everybody gets
  department: marketing
  says: Buys, and nothing personal fits or is allowed.
  when: orders > 0
  channels: [email, letter]
  rests: true
  within_days: 30
  reason: "'nothing personal fits or is allowed'"
first_order:
  label: Invite to the first order
  department: marketing
  says: Known, and has not ordered yet.
  when: orders = 0
  channels: [email]
  rests: true
  within_days: 30
  reason: "'known, no order yet'"
leave_alone:
  label: Leave alone
  department: none
  says: No action is open, for want of a channel that is allowed, or because there was a message just now.
  when: "true"
  channels: []
  reason: coalesce(withheld_because, 'nothing fits')
{% endset %}
{{ return(fromyaml(actions)) }}
{% endmacro %}
