"""Sums up a week's marketing, which comes in parts: one row for each campaign, spend in cents."""
import csv
import io
import re
import sys

AMOUNT = re.compile(r"^(\d{1,3}(,\d{3})*|\d+)(\.\d{1,2})?$")


def cents(amount):
    whole, _, fraction = amount.replace(",", "").partition(".")
    return int(whole) * 100 + int(fraction.ljust(2, "0") or 0)


def table(header, rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


def clean(parts):
    days = {}
    for text in parts:
        for row in csv.DictReader(io.StringIO(text, newline="")):
            campaign = (row["campaign"] or "").strip().lower()
            spend = (row["spend"] or "").strip()
            if campaign and AMOUNT.match(spend):
                # Parts overlap: a day of a channel counts once, as told last.
                days[(campaign, row["channel"], row["day"])] = (cents(spend), int((row["clicks"] or "").strip() or 0))
    rows = []
    for campaign in sorted({key[0] for key in days}):
        mine = {key: value for key, value in days.items() if key[0] == campaign}
        channels = "+".join(sorted({key[1] for key in mine}))
        rows.append([campaign, channels, sum(v[0] for v in mine.values()), sum(v[1] for v in mine.values())])
    return table(["campaign", "channels", "spend_cents", "clicks"], rows)


def main():
    import boto3
    from awsglue.utils import getResolvedOptions

    args = getResolvedOptions(sys.argv, ["input_bucket", "input_prefix", "output_url"])
    bucket, _, prefix = args["output_url"][len("s3://"):].partition("/")
    s3 = boto3.client("s3")
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=args["input_bucket"], Prefix=args["input_prefix"])
    keys = sorted(item["Key"] for page in pages for item in page.get("Contents", []) if item["Key"].endswith(".csv"))
    parts = [s3.get_object(Bucket=args["input_bucket"], Key=key)["Body"].read().decode("utf-8-sig") for key in keys]
    s3.put_object(Bucket=bucket, Key=f"{prefix}/clean.csv", Body=clean(parts).encode("utf-8"))


if __name__ == "__main__" and len(sys.argv) > 1:
    main()
