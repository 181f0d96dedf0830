"""Cleans a week's sales: one row for each order, amounts in cents; what can't be read is set aside with the reason."""
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


def clean(text):
    orders, rejected = {}, []
    for number, row in enumerate(csv.DictReader(io.StringIO(text, newline="")), start=1):
        order = (row["order_id"] or "").strip()
        amount = (row["amount"] or "").strip()
        if not order:
            rejected.append([number, "no order_id"])
        elif not AMOUNT.match(amount):
            rejected.append([number, "no amount"])
        else:
            # An order that comes again is a correction.
            campaign = (row["campaign"] or "").strip().lower() or "none"
            orders[order] = [order, row["ordered_on"], row["customer"], campaign, cents(amount)]
    header = ["order_id", "ordered_on", "customer", "campaign", "cents"]
    return table(header, [orders[order] for order in sorted(orders)]), table(["record", "reason"], rejected)


def main():
    import boto3
    from awsglue.utils import getResolvedOptions

    args = getResolvedOptions(sys.argv, ["input_bucket", "input_key", "output_url"])
    bucket, _, prefix = args["output_url"][len("s3://"):].partition("/")
    s3 = boto3.client("s3")
    text = s3.get_object(Bucket=args["input_bucket"], Key=args["input_key"])["Body"].read().decode("utf-8-sig")
    for name, body in zip(["clean.csv", "rejected.csv"], clean(text)):
        s3.put_object(Bucket=bucket, Key=f"{prefix}/{name}", Body=body.encode("utf-8"))


if __name__ == "__main__" and len(sys.argv) > 1:
    main()
