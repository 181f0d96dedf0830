"""Joins a week's sales and marketing by campaign. A side that is missing leaves its columns empty."""
import csv
import io
import sys


def table(header, rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue()


def rows_of(text):
    return list(csv.DictReader(io.StringIO(text, newline="")))


def ratio(revenue, spend):
    if spend == 0:
        return ""
    hundredths = (revenue * 200 + spend) // (2 * spend)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def join(sales, marketing):
    orders, spent = {}, {row["campaign"]: row for row in rows_of(marketing or "")}
    for row in rows_of(sales or ""):
        count, revenue = orders.get(row["campaign"], (0, 0))
        orders[row["campaign"]] = (count + 1, revenue + int(row["cents"]))
    rows = []
    for campaign in sorted({*orders, *spent}):
        count, revenue = orders.get(campaign, (0, 0)) if sales is not None else ("", "")
        known = spent.get(campaign)
        spend = int(known["spend_cents"]) if known else 0
        mine = [known["channels"], spend, int(known["clicks"])] if known else ["", "" if marketing is None else 0, "" if marketing is None else 0]
        both = sales is not None and marketing is not None
        rows.append([campaign, count, revenue, *mine, ratio(revenue, spend) if both else ""])
    return table(["campaign", "orders", "revenue_cents", "channels", "spend_cents", "clicks", "return_on_spend"], rows)


def main():
    import boto3
    from awsglue.utils import getResolvedOptions

    args = getResolvedOptions(sys.argv, ["input_url", "missing", "output_url"])
    bucket, _, prefix = args["input_url"][len("s3://"):].partition("/")
    s3 = boto3.client("s3")
    missing = args["missing"].split(",")

    def read(name):
        return None if name in missing else s3.get_object(Bucket=bucket, Key=f"{prefix}{name}/clean.csv")["Body"].read().decode("utf-8")

    output_bucket, _, key = args["output_url"][len("s3://"):].partition("/")
    s3.put_object(Bucket=output_bucket, Key=key, Body=join(read("sales"), read("marketing")).encode("utf-8"))


if __name__ == "__main__" and len(sys.argv) > 1:
    main()
