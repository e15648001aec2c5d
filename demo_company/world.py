"""The whole simulated year, built once and kept as Parquet: what every system will ever hold.

Every table has `visible_at` (for PostgreSQL tables: `updated_at`): a system shows a row from then on. What is
visible on a day is therefore independent of the days on which anyone looked.
"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from demo_company import feeds, shop, support, truth, voice
from demo_company.behaviour import behaviour
from demo_company.broken import (
    Broken,
    empty_people,
    impossible_scores,
    negative_durations,
    orders_and_lines,
    resolved_too_early,
)
from demo_company.consents import consents
from demo_company.contacts import contacts
from demo_company.journey import open_journey
from demo_company.layouts import assign_keys, layouts
from demo_company.people import people
from demo_company.sensitive import Planted
from demo_company.stock import stock_tables
from demo_company.touches import campaigning
from demo_company.web import visits


def build(folder: Path, households: int | None, seed: int) -> None:
    """Writes the tables of the world into `folder`, which should be new."""
    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        written = [
            pool.submit(_write, rows, folder / f"{name}.parquet") for name, rows in tables(households, seed).items()
        ]
        for job in written:
            job.result()


def _write(rows: pa.Table, path: Path) -> None:
    pq.write_table(rows, path, compression="zstd", compression_level=1)


def tables(households: int | None, seed: int) -> dict[str, pa.Table]:
    """The world as Arrow tables by name: erp_*, crm_*, helpdesk_*, feed_*, touches, demographics, truth_*."""
    journey = open_journey(households, seed)
    persons = people(journey, seed)
    written = contacts(journey, persons, seed)
    assign_keys(written.records, seed)
    records = layouts(written, persons, seed)
    planted = Planted(seed)
    records["erp"] = planted.accounts(records["erp"])
    mood = behaviour(journey, seed)
    sends = campaigning(journey, persons, written, mood, seed)
    seen = visits(journey, persons, written, mood, sends.extra_visits, seed)
    tickets = planted.texts(support.tickets(written, persons, mood, seed), "ticket_id", "body")
    calls = planted.transcripts(support.calls(written, persons, mood, seed))
    answers = planted.texts(voice.responses(journey, persons, written, mood, seed), "response_id", "comment")
    said = voice.mentions(persons, mood, seed)

    broken = Broken(seed)
    made = shop.shop_tables(journey, persons, written, seed)
    made["erp_orders"], made["erp_order_lines"] = orders_and_lines(broken, made["erp_orders"], made["erp_order_lines"])
    made |= stock_tables(journey, broken, seed)
    made["erp_accounts"] = records["erp"]
    nobody = empty_people(
        broken,
        records["crm"],
        "contacts",
        "contact_id",
        "C",
        ("given_name", "family_name", "email", "phone"),
        0.004,
    )
    made["crm_contacts"] = pa.concat_tables([records["crm"], nobody])
    nobody = empty_people(broken, records["leads"], "leads", "lead_id", "L", ("full_name", "email", "phone"), 0.006)
    made["crm_leads"] = pa.concat_tables([records["leads"], nobody])
    said_yes = consents(written, persons, seed)
    made["crm_consents"] = said_yes["crm"]
    made["feed_web_consents"] = feeds.csv_lines(said_yes["web"])
    made["feed_loyalty_consents"] = feeds.csv_lines(said_yes["loyalty"])
    made["crm_campaigns"] = shop.campaigns_table(journey)
    made["helpdesk_users"] = _visible(records["helpdesk"])
    made["helpdesk_tickets"] = pa.concat_tables([tickets, resolved_too_early(broken, tickets)])
    web_accounts, members = _by_time(records["web"]), _by_time(records["loyalty"])
    made["feed_web_accounts"] = feeds.csv_lines(web_accounts)
    made["feed_web_events"] = feeds.event_lines(broken, seen.events)
    made["feed_loyalty_members"] = feeds.member_lines(broken, members)
    made["feed_calls"] = feeds.by_time(feeds.json_lines(calls), feeds.json_lines(negative_durations(broken, calls)))
    made["feed_survey_responses"] = feeds.by_time(
        feeds.csv_lines(answers), feeds.csv_lines(impossible_scores(broken, answers))
    )
    made["feed_mentions"] = feeds.json_lines(said)
    made["touches"] = sends.touches
    made["demographics"] = shop.demographics_table(journey, persons, written)
    made["promoted_products"], made["promoted_stores"] = shop.promotion_scope(journey)

    made["truth_records"] = truth.records_truth(written, persons)
    made["truth_persons"] = truth.persons_truth(persons)
    made["truth_churn"] = truth.churn_truth(journey, persons, mood)
    made["truth_campaign_effects"] = sends.effects
    made["truth_holdouts"] = sends.holdouts
    made["truth_broken_rows"] = broken.truth()
    made["truth_sensitive"] = planted.truth()
    made["truth_identifiers"] = truth.identifiers_truth(
        records | {"calls": calls, "events": seen.events, "responses": answers, "mentions": said}, persons
    )
    return made


def _visible(rows: pa.Table) -> pa.Table:
    return rows.append_column("visible_at", rows["updated_at"])


def _by_time(rows: pa.Table) -> pa.Table:
    return _visible(rows).sort_by([("updated_at", "ascending")])


CSV_HEADERS = {
    "feed_web_accounts": "web_account_id,display_name,email,phone,device_id,registered_at,updated_at",
    "feed_web_consents": "consent_id,web_account_id,topic,accepted,stated_at",
    "feed_loyalty_consents": "card_number,box,ticked,signed_at",
    "feed_loyalty_members": "card_number,member_name,email,phone,street,city,postcode,birth_date,joined_at,updated_at",
    "feed_survey_responses": "response_id,card_number,email,survey,question,score,comment,answered_at",
}

__all__ = ["CSV_HEADERS", "build", "tables"]
