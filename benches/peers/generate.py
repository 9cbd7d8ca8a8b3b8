"""Files for the benches: seeded, made once, kept in data/."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

FOLDER = Path("data")


def order_lines(lines: int, customers: int, *, text_ids: bool = False) -> Path:
    """Order lines over two years in random order: activity by a gamma law (shape 0.8), amounts lognormal, every customer at least once."""
    path = FOLDER / f"lines_{lines}_{customers}{'_text_ids' if text_ids else ''}.parquet"
    if path.exists():
        return path
    FOLDER.mkdir(exist_ok=True)
    random = np.random.default_rng(7)
    shares = np.cumsum(random.gamma(0.8, 1.0, customers))
    drawn = _drawn(shares, random, lines - customers)
    ids = np.concatenate([np.arange(customers), drawn])
    random.shuffle(ids)
    seconds = random.integers(0, 731 * 86_400, lines)
    frame = pl.DataFrame(
        {
            "customer_id": pl.Series(ids, dtype=pl.Int64),
            "order_ts": pl.Series((1_704_067_200 + seconds) * 1_000_000).cast(pl.Datetime("us")),
            "amount": np.round(random.lognormal(3.5, 0.9, lines), 2),
        }
    )
    if text_ids:
        ids = "C" + pl.col("customer_id").cast(pl.String).str.zfill(8)
        frame = frame.with_columns(ids.alias("customer_id"))
    frame.write_parquet(path, compression="zstd", row_group_size=1_000_000)
    return path


def shop_files(lines: int, customers: int, files: int = 100, products: int = 2000) -> Path:
    """A folder of order lines over two years, a file for each stretch of time, as a shop exports them: activity by a gamma law (shape 0.8), product
    popularity by Zipf's law (exponent 0.8), amounts lognormal, lines of a day in random order."""
    folder = FOLDER / f"shop_{lines}_{customers}"
    if folder.exists():
        return folder
    draft = folder.with_suffix(".draft")
    draft.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(7)
    shares = np.cumsum(random.gamma(0.8, 1.0, customers))
    popularity = np.cumsum(1 / np.arange(1, products + 1) ** 0.8)
    for number in range(files):
        rows = lines * (number + 1) // files - lines * number // files
        days = (731 * number + np.sort(random.integers(0, 731, rows))) // files
        frame = pl.DataFrame(
            {
                "customer_id": pl.Series(_drawn(shares, random, rows), dtype=pl.Int64),
                "day": pl.Series(19_723 + days, dtype=pl.Int32).cast(pl.Date),
                "amount": np.round(random.lognormal(3.5, 0.9, rows), 2),
                "product_id": pl.Series(_drawn(popularity, random, rows), dtype=pl.Int32),
            }
        )
        frame.write_parquet(draft / f"{number:03}.parquet", compression="zstd", row_group_size=1_000_000)
    return draft.rename(folder)


def _drawn(cumulative: np.ndarray, random: np.random.Generator, rows: int) -> np.ndarray:
    """Places drawn by their weights, of which the running sums are given. Looked up in order, as a great table is then read from start to end."""
    wanted = random.random(rows) * cumulative[-1]
    order = np.argsort(wanted)
    found = np.empty(rows, dtype=np.int64)
    found[order] = np.searchsorted(cumulative, wanted[order])
    return found


def csv_lines(lines: int) -> Path:
    """Order lines of eight columns as plain CSV: ids, days, clocks, products, money."""
    path = FOLDER / f"lines_{lines}.csv"
    if path.exists():
        return path
    FOLDER.mkdir(exist_ok=True)
    random = np.random.default_rng(7)
    frame = pl.DataFrame(
        {
            "order_id": np.arange(lines) // 3 + 1_000_000,
            "customer_id": random.integers(1, lines // 30 + 2, lines),
            "day": np.datetime64("2022-01-01") + random.integers(0, 731, lines).astype("timedelta64[D]"),
            "at": pl.Series(random.integers(0, 24, lines)).cast(pl.String).str.zfill(2) + ":15",
            "sku": "SKU-" + pl.Series(random.integers(0, 5000, lines)).cast(pl.String).str.zfill(6),
            "quantity": random.integers(1, 9, lines),
            "amount": np.round(random.gamma(2, 20, lines), 2),
            "channel": np.array(["web", "shop", "app"])[random.integers(0, 3, lines)],
        }
    )
    frame.write_csv(path)
    return path


def orders(lines: int, customers: int, products: int = 2000) -> Path:
    """Orders over some years, seeded: product popularity by Zipf's law (exponent 0.8), about four orders a customer with a heavy tail and gaps
    around 45 days. Planted: an even product brings the next one in 15 % of its orders, and one of the first 200 products brings the one 1,000
    further in a quarter of the next orders, about 30 days later."""
    path = FOLDER / f"orders_{lines}_{customers}.parquet"
    if path.exists():
        return path
    FOLDER.mkdir(exist_ok=True)
    random = np.random.default_rng(7)
    popularity = np.cumsum(1 / np.arange(1, products + 1) ** 0.8)
    names = random.permutation(products)

    def draw(n: int) -> np.ndarray:
        return names[_drawn(popularity, random, n)]

    counts = 1 + random.poisson(random.gamma(0.9, 3.4, customers))
    customer = np.repeat(np.arange(customers), counts)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    is_first = np.zeros(len(customer), dtype=bool)
    is_first[first] = True
    lead = draw(len(customer))
    gaps = random.exponential(45 * 86_400, len(customer)) + 3600
    before = np.roll(lead, 1)
    follows = ~is_first & (before < 200) & (random.random(len(customer)) < 0.25)
    lead = np.where(follows, (before + 1000) % products, lead)
    gaps = np.where(follows, random.gamma(9, 30 / 9 * 86_400, len(customer)), gaps)
    gaps[first] = random.random(customers) * 700 * 86_400
    elapsed = np.cumsum(gaps)
    seconds = 1_640_995_200 + (elapsed - np.repeat(elapsed[first] - gaps[first], counts)).astype(np.int64)
    extra = random.poisson(1.52, len(customer))
    order = np.concatenate([np.arange(len(customer)), np.repeat(np.arange(len(customer)), extra)])
    product = np.concatenate([lead, draw(int(extra.sum()))])
    pairs = (lead % 2 == 0) & (random.random(len(customer)) < 0.15)
    order = np.concatenate([order, np.flatnonzero(pairs)])
    product = np.concatenate([product, lead[pairs] + 1])
    kept = random.permutation(len(order))[:lines]
    order, product = order[kept], product[kept]
    price = np.round(random.lognormal(6.5, 0.9, products), 2)
    frame = pl.DataFrame(
        {
            "order_id": pl.Series(order, dtype=pl.Int64),
            "customer_id": pl.Series(customer[order], dtype=pl.Int64),
            "order_ts": pl.Series(seconds[order] * 1_000_000).cast(pl.Datetime("us")),
            "product_id": pl.Series(product, dtype=pl.Int64),
            "amount": price[product],
        }
    )
    frame.write_parquet(path, compression="zstd", row_group_size=1_000_000)
    return path


def panel(products: int, weeks: int = 200, stores: int = 10) -> Path:
    """A demand panel, seeded: every product in every week and store, elasticities of products around −2, promotions in 15 % of weeks, logarithms throughout."""
    path = FOLDER / f"demand_{products}.parquet"
    if path.exists():
        return path
    FOLDER.mkdir(exist_ok=True)
    random = np.random.default_rng(11)
    cells = (products, weeks)
    base, slope, taste = (
        random.normal(1.5, 0.6, products),
        random.normal(-2.0, 0.6, products),
        random.normal(4, 0.8, products),
    )
    off = (random.random(cells) < 0.15) * random.choice([0.1, 0.2, 0.3], cells)
    weekly = base[:, None] + random.normal(0, 0.07, cells) + np.log1p(-off)
    n = products * weeks * stores
    product = np.repeat(np.arange(products, dtype=np.int32), weeks * stores)
    week = np.tile(np.repeat(np.arange(weeks, dtype=np.int16), stores), products)
    season = random.normal(0, 0.1, weeks)
    ln_p = np.repeat(weekly.ravel(), stores) + random.normal(0, 0.03, n)
    ln_comp = np.repeat((base[:, None] + random.normal(0, 0.08, cells)).ravel(), stores)
    ln_q = taste[product] + season[week] + slope[product] * ln_p + 0.4 * ln_comp + random.normal(0, 0.35, n)
    store = np.tile(np.arange(stores, dtype=np.int16), products * weeks)
    frame = pl.DataFrame(
        {"product": product, "week": week, "store": store, "ln_q": ln_q, "ln_p": ln_p, "ln_comp": ln_comp}
    )
    frame.write_parquet(path, row_group_size=1_000_000)
    return path


DISCOUNTS = ("on_invoice", "volume", "promo", "rebate", "freight", "terms")


def deals(n: int) -> Path:
    """Deals of 50,000 customers and 5,000 products over two years: list price, six discounts and cost per unit, units, three dimensions. Volume discounts rise with
    the logarithm of units, list prices rise by 3 % in the second year."""
    path = FOLDER / f"deals_{n}.parquet"
    if path.exists():
        return path
    FOLDER.mkdir(exist_ok=True)
    random = np.random.default_rng(7)
    customer, product = random.integers(0, 50_000, n, dtype=np.int32), random.integers(0, 5_000, n, dtype=np.int32)
    month = random.integers(0, 24, n, dtype=np.int8)
    base = np.exp(random.normal(3, 0.8, 5_000))[product]
    price = (base * (1 + 0.03 * (month >= 12))).round(2)
    units = np.ceil(random.lognormal(2, 1, n)).astype(np.int32)
    shares = [
        0.05 * random.random(n),
        np.minimum(0.15, 0.02 * np.log1p(units)),
        0.1 * (random.random(n) < 0.2),
        0.03 * random.random(n),
        0.02 + 0.02 * random.random(n),
        0.015 * random.random(n),
    ]
    off = {name: (price * share).round(4) for name, share in zip(DISCOUNTS, shares, strict=True)}
    frame = pl.DataFrame(
        {
            "customer": customer,
            "product": product,
            "region": (customer % 12).astype(np.int8),
            "segment": (customer % 7).astype(np.int8),
            "channel": random.integers(0, 4, n, dtype=np.int8),
            "month": month,
            "year": (month >= 12).astype(np.int8),
            "units": units,
            "list_price": price,
            **off,
            "unit_cost": (0.55 * base * (1 + 0.02 * (month >= 12))).round(4),
        }
    )
    paid = pl.col("units") * (pl.col("list_price") - pl.sum_horizontal(DISCOUNTS))
    frame.with_columns(paid=paid).write_parquet(path, compression="zstd", row_group_size=1_000_000)
    return path


def events(rows: int, users: int) -> Path:
    """Events of twelve kinds over 180 days in random order, seeded; users' activity lognormal. Times have milliseconds."""
    path = FOLDER / f"events_{rows}_{users}.parquet"
    if path.exists():
        return path
    FOLDER.mkdir(exist_ok=True)
    random = np.random.default_rng(7)
    shares = {
        "visit": 22,
        "view_product": 20,
        "add_to_cart": 11,
        "checkout": 7,
        "purchase": 5,
        "search": 10,
        "promo_open": 6,
        "email_click": 5,
        "support": 3,
        "refund": 1,
        "login": 7,
        "share": 3,
    }
    activity = np.cumsum(random.lognormal(0, 1, users))
    user = _drawn(activity, random, rows)
    kind = np.searchsorted(np.cumsum(list(shares.values())), random.random(rows) * sum(shares.values()), side="right")
    times = 1_735_689_600_000 + (random.random(rows) * 180 * 86_400_000).astype(np.int64)
    frame = pl.DataFrame(
        {
            "user_id": pl.Series(user, dtype=pl.UInt32),
            "ts": pl.Series(times).cast(pl.Datetime("ms")),
            "event": pl.Series(list(shares), dtype=pl.String).gather(kind),
        }
    )
    frame.write_parquet(path, compression="zstd", row_group_size=1_000_000)
    return path


def summaries(customers: int) -> Path:
    """Histories of customers simulated from BG/NBD with CDNOW's parameters (r 0.243, alpha 4.414, a 0.793, b 2.426), aged 27 to 39 weeks, times in weeks to the
    day: what a summary of daily orders looks like."""
    path = FOLDER / f"summary_{customers}.parquet"
    if path.exists():
        return path
    FOLDER.mkdir(exist_ok=True)
    random = np.random.default_rng(7)
    rate, leave = random.gamma(0.243, 1 / 4.414, customers), random.beta(0.793, 2.426, customers)
    age = random.integers(27 * 7, 39 * 7, customers) / 7.0
    frequency, recency, clock = (np.zeros(customers) for _ in range(3))
    alive = np.arange(customers)
    while alive.size:
        with np.errstate(divide="ignore", over="ignore"):
            clock[alive] += random.exponential(1.0, alive.size) / rate[alive]
        alive = alive[clock[alive] <= age[alive]]
        frequency[alive] += 1
        recency[alive] = np.minimum(np.ceil(clock[alive] * 7) / 7, age[alive])
        alive = alive[random.random(alive.size) >= leave[alive]]
    pl.DataFrame({"frequency": frequency, "recency": recency, "T": age}).write_parquet(path)
    return path


def sales(products: int, weeks: int = 53) -> Path:
    """Weekly sales of products, two thirds of which are sold in a week, with promotions."""
    path = FOLDER / f"sales_{products}.parquet"
    if path.exists():
        return path
    random = np.random.default_rng(13)
    price = random.lognormal(1, 0.5, products) * np.exp(0.001 * np.arange(weeks))[:, None]
    promoted = random.random((weeks, products)) < 0.1
    price = np.where(promoted, 0.7 * price, price)
    units = np.ceil(random.lognormal(1, 1, (weeks, products)) * np.where(promoted, 4, 1))
    is_sold = random.random((weeks, products)) < 2 / 3
    week, product = np.nonzero(is_sold)
    frame = pl.DataFrame({"week": week, "product": product, "price": price[is_sold], "units": units[is_sold]})
    FOLDER.mkdir(exist_ok=True)
    frame.write_parquet(path)
    return path


def movers(rows: int) -> Path:
    """A panel on which effects are hard to tell apart, seeded: clients buy each month, nearly always from the rep they had before, so that reps hang together by few clients."""
    path = FOLDER / f"movers_{rows}.parquet"
    if path.exists():
        return path
    FOLDER.mkdir(exist_ok=True)
    random = np.random.default_rng(13)
    months = 24
    clients = max(rows // months, 4)
    reps = max(clients // 25, 2)
    moves = random.random((clients, months)) < 0.01
    # A client who moves goes to a rep near the last one, as within a region.
    steps = np.where(moves, random.integers(1, 4, (clients, months)), 0)
    rep = (np.arange(clients)[:, None] * reps // clients + steps.cumsum(axis=1)) % reps
    client = np.repeat(np.arange(clients, dtype=np.int32), months)
    month = np.tile(np.arange(months, dtype=np.int8), clients)
    rep = rep.ravel().astype(np.int32)
    of_client, of_rep, of_month = (
        random.normal(3, 1, clients),
        random.normal(0, 0.5, reps),
        random.normal(0, 0.2, months),
    )
    ln_p = 0.3 * of_client[client] + 0.2 * of_rep[rep] + random.normal(0, 0.2, client.size)
    noise = random.normal(0, 0.4, client.size)
    ln_q = of_client[client] + of_rep[rep] + of_month[month] - 1.8 * ln_p + noise
    pl.DataFrame({"client": client, "rep": rep, "month": month, "ln_q": ln_q, "ln_p": ln_p}).write_parquet(path)
    return path
