{#-
    What a source gives for each entity: the columns that a model `stg_<source>__<name>` maps to it,
    with their types and what they mean. Jinja reads it in all_sources.sql, Python in
    orchestration/new_source/contract.py; docs/add-a-source.md shows it as tables.

    Every such model also gives source_key, has_source_key, party_data_class, unreadable_line and
    loaded_at. What is worked out from these (known references, complaints, weeks, ...) is in
    staged_<entity>.sql, what is wrong with a row in staged_<entity>.yml.

    Types: see macros/entities/types.sql. An `id` names a thing in all systems: a further source
    writes it with own_id(). account_system and account_key name a customer record: the system that
    keeps the account, and the account's own key there (never with own_id()).
    A column `…_raw` is the text as it came, only where it could not be read.
-#}
{% macro entity_contracts() %}
{% set contracts %}
customer_records:
  record_kind: text | customer, contact or lead.
  full_name: text | Name in one field, where the system keeps it so.
  given_name: text | Given name.
  family_name: text | Family name.
  email: text | E-mail address.
  phone: text | Phone number.
  street: text | Street and number.
  city: text | City.
  postcode: text | Postal code.
  country: text | Country.
  birth_date: date | Date of birth, where it could be read.
  birth_date_raw: text | Date of birth as it came, where it could not be read.
  gender: text | Gender as recorded.
  language: text | Language or locale.
  loyalty_card: text | Loyalty card number.
  device_id: text | Device used to register.
  company: text | Company.
  created_at: timestamp | When the record was made, UTC.
  updated_at: timestamp | When the source last changed the row, UTC.

products:
  product_id: id | Key of the product.
  manufacturer_id: id | Key of the maker.
  department: text | Department.
  brand: text | National or Private.
  product_category: text | Category within the department.
  product_type: text | Type within the category.
  package_size: text | Size as printed.
  list_price_usd: money | Median unit price, US dollars; empty if never sold.
  unit_cost_usd: money | What a unit costs the company, US dollars; empty where the source does not say.
  updated_at: timestamp | When the source last changed the row, UTC.

stores:
  store_id: id | Key of the store.
  store_name: text | Name.
  city: text | City.
  opened_on: date | First day.
  updated_at: timestamp | When the source last changed the row, UTC.

orders:
  order_id: id | Key of the order.
  account_system: text | System that keeps the account which paid.
  account_key: text | Key of the account there.
  store_id: id | Store; empty for what was not sold in a store.
  channel: text | Where it was sold.
  occurred_at: timestamp | Time of the sale, UTC.
  updated_at: timestamp | When the source last changed the row, UTC.

order_lines:
  order_line_id: id | Key of the line.
  order_id: id | The order.
  line_number: integer | Number of the line within the order.
  product_id: id | What was bought.
  quantity: integer | Units; 0 for some real lines, very large for fuel.
  sales_usd: money | Money received, US dollars.
  retail_discount_usd: money | Discount of the loyalty card, US dollars.
  coupon_discount_usd: money | Discount of a manufacturer coupon, US dollars.
  coupon_match_discount_usd: money | The shop's match of a coupon, US dollars.
  updated_at: timestamp | When the source last changed the row, UTC.

campaigns:
  campaign_id: id | Key of the campaign.
  campaign_type: text | Type A, B or C.
  start_date: date | First day.
  end_date: date | Last day.
  updated_at: timestamp | When the source last changed the row, UTC.

coupons:
  coupon_upc: id | Code of the coupon.
  product_id: id | Product it is good for.
  campaign_id: id | Campaign.
  updated_at: timestamp | When the source last changed the row, UTC.

coupon_redemptions:
  redemption_id: id | Key of the redemption.
  account_system: text | System that keeps the account which used it.
  account_key: text | Key of the account there.
  coupon_upc: id | Code of the coupon.
  campaign_id: id | Campaign.
  redeemed_on: date | Day of use.
  updated_at: timestamp | When the source last changed the row, UTC.

campaign_touches:
  touch_id: id | Key of the touch.
  campaign_id: id | Campaign.
  account_system: text | System that keeps the contact.
  account_key: text | Key of the contact there.
  channel: text | email or mail.
  touch_event: text | sent, opened, clicked, replied or bounced.
  coupon_upc: id | Coupon sent along.
  cost_usd: cost | Cost, US dollars, to a hundredth of a cent.
  occurred_at: timestamp | When, UTC.

promotions:
  product_id: id | Product.
  store_id: id | Store.
  promotion_week: integer | Week number, counted from the week of the macro first_promotion_week.
  display_location: text | Where it stood; 0 is nowhere.
  mailer_location: text | Where it was in the mailer; 0 is nowhere.

stock_levels:
  product_id: id | Product.
  store_id: id | Store.
  on_hand_units: integer | Units on the shelf and behind it, as last counted.
  on_order_units: integer | Units ordered and not delivered yet.
  next_delivery_on: date | Day of the next delivery; empty where none is on its way.
  lead_time_days: integer | Days from order to delivery.
  review_days: integer | Days between two orders.
  pack_units: integer | Units per pack; only whole packs can be ordered.
  service_level: share | Share of order cycles that shall end without an empty shelf.
  updated_at: timestamp | When it was counted, UTC.

stock_outs:
  product_id: id | Product.
  store_id: id | Store.
  out_from: date | First day without the product.
  out_until: date | Last day without it; empty while it lasts.
  updated_at: timestamp | When the source last changed the row, UTC.

web_events:
  event_id: id | Key of the event.
  account_system: text | System that keeps the account which was logged in.
  account_key: text | Key of the account there; empty for an anonymous visit.
  device_id: text | Device.
  session_id: id | Visit.
  event_type: text | What was done.
  page: text | Page.
  product_id: id | Product looked at.
  referrer: text | Where the visit came from.
  device_type: text | Kind of device.
  occurred_at: timestamp | When, UTC.
  occurred_at_raw: text | The time as it came, where it could not be read.

support_cases:
  ticket_id: id | Key of the ticket.
  account_system: text | System that keeps the person who wrote.
  account_key: text | Key of the person there.
  subject: text | Subject line.
  body: text | First message.
  category: text | What it is about.
  priority: text | Priority.
  status: text | Status.
  agent: text | Who handled it.
  occurred_at: timestamp | When it was opened, UTC.
  occurred_at_raw: text | The time as it came, where it could not be read.
  first_response_at: timestamp | First answer, UTC.
  first_response_at_raw: text | As it came, where it could not be read.
  resolved_at: timestamp | Resolved, UTC.
  resolved_at_raw: text | As it came, where it could not be read.
  satisfaction: integer | 1 to 5.
  satisfaction_raw: text | As it came, where it could not be read.
  updated_at: timestamp | When the source last changed the row, UTC.

calls:
  call_id: id | Key of the call.
  account_system: text | System that keeps the contact who called.
  account_key: text | Key of the contact there, if known.
  caller_phone: text | Number that called.
  agent: text | Who answered.
  reason: text | Why they called.
  language: text | Language spoken.
  transcript: text | JSON list of {speaker, text}.
  occurred_at: timestamp | When it began, UTC.
  occurred_at_raw: text | The time as it came, where it could not be read.
  duration_s: integer | Length, seconds.
  duration_s_raw: text | As it came, where it could not be read.
  post_call_score: integer | 1 to 5.
  post_call_score_raw: text | As it came, where it could not be read.

survey_responses:
  response_id: id | Key of the answer.
  account_system: text | System that keeps the person who answered.
  account_key: text | Key of the person there, such as the loyalty card, if given.
  email: text | E-mail address, if given.
  survey: text | nps or csat.
  question: text | Question.
  score: integer | 0 to 10 for nps, 1 to 5 for csat.
  score_raw: text | The score as it came, where it could not be read.
  comment: text | Free text.
  occurred_at: timestamp | When, UTC.
  occurred_at_raw: text | The time as it came, where it could not be read.

mentions:
  mention_id: id | Key of the mention.
  platform: text | Where.
  author_handle: text | Handle of the author.
  language: text | Language.
  mention_text: text | What was written.
  rating: integer | Stars, 1 to 5.
  rating_raw: text | As it came, where it could not be read.
  is_about_us: boolean | True when it is about us.
  occurred_at: timestamp | When, UTC.
  occurred_at_raw: text | The time as it came, where it could not be read.

opportunities:
  lead_id: id | Key of the lead.
  account_system: text | System that keeps the person's record.
  account_key: text | Key of the record there.
  stage: text | Stage of the deal.
  lead_source: text | Where the lead came from.
  expected_value_usd: money | Value hoped for, US dollars.
  occurred_at: timestamp | When the lead was made, UTC.
  updated_at: timestamp | When the source last changed the row, UTC.

consents:
  consent_id: id | Key of the statement.
  account_system: text | System that keeps the account of who said it.
  account_key: text | Key of the account there.
  channel: text | email, phone, sms, mail, or any for a purpose without a channel.
  purpose: text | What for, such as marketing or profiling.
  state: text | granted or withdrawn.
  occurred_at: timestamp | When it was said, UTC.
  occurred_at_raw: text | The time as it came, where it could not be read.

demographics:
  account_system: text | System that keeps the account which the household is known by.
  account_key: text | Key of the account there, such as the loyalty card.
  age_band: text | Age band of the adult.
  income_band: text | Income band, thousand US dollars.
  home_ownership: text | Owner or renter.
  marital_status: text | Marital status.
  household_size: text | Number of people.
  household_composition: text | Who lives there.
  kids_count: text | Number of children.
{% endset %}
{{ return(fromyaml(contracts)) }}
{% endmacro %}
