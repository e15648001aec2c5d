{#-
    Which of a customer's records each value of the golden record comes from: the only place that
    says so. survivorship_checked.sql tells a mistake in it in one line, unified_golden_fields
    applies it, docs/golden-record.md explains it.

    trust: systems, most trusted first. `crm` is all records of the system, `crm/lead` those of one
    kind, `*/lead` that kind in any system, `*` everything else; the most exact entry counts.
    party_data: classes of data, closest to the customer first.

    fields: what is decided together. Columns of one entry come from ONE record, so that no name and
    no address is put together from two.
      columns         the columns; without it, the one of the entry's name.
      alike           how two values are found to say the same: text, name, email, phone, address.
      no_answer_when  the value says nothing and never is golden (SQL over a record's columns).
      ill_formed_when the value may be wrong in itself: golden only where nothing better is known.
      rules           what decides between two values, in order: trust, party_data, agreement (more
                      systems say the same), spelling (more records write it just so), recency
                      (changed later), completeness (more columns).
      filled          columns that may come from another record that says the same, where the
                      golden record leaves them out.
    Last of all the smaller key decides, so that the choice is total.
-#}
{% macro survivorship_declared() %}
{% set declared %}
trust: [crm, erp, loyalty, helpdesk, "*", "*/lead"]
party_data: [zero, first, second, third]

fields:
  # A name that two systems spell alike is rarely mistyped.
  name:
    columns: [full_name, given_name, family_name]
    alike: name
    no_answer_when: is_placeholder_name
    ill_formed_when: is_odd_name
    rules: [agreement, completeness, trust, recency]

  # Nobody's birthday changes: what most systems say is right, whoever says it.
  birth_date:
    alike: text
    no_answer_when: is_default_birth_date
    ill_formed_when: is_implausible_birth_date
    rules: [agreement, trust, recency]

  gender:
    alike: text
    rules: [trust, agreement, recency]

  # A contact point that several systems have is neither mistyped nor borrowed from the family.
  email:
    alike: email
    no_answer_when: is_placeholder_email
    ill_formed_when: not has_well_formed_email
    rules: [agreement, spelling, recency, trust]

  # Numbers change hands, and families share one: the newest is as often the customer's own.
  phone:
    alike: phone
    no_answer_when: is_placeholder_phone
    ill_formed_when: not is_valid_phone
    rules: [recency, agreement, trust]

  # People move: whoever heard last knows where they live.
  address:
    columns: [street, city, postcode, country]
    alike: address
    ill_formed_when: street is null or (postcode is null and city is null)
    rules: [recency, agreement, trust]
    filled: [country]

  language:
    alike: text
    rules: [party_data, recency, trust]

  company:
    alike: text
    rules: [trust, recency]

  loyalty_card:
    alike: text
    rules: [recency, trust]
{% endset %}
{{ return(fromyaml(declared)) }}
{% endmacro %}
