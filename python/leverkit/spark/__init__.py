"""The same analyses over a Spark DataFrame: the engine runs on the executors, one shuffle by customer, and counts meet in the driver.

import leverkit as lk
ledger = lk.spark.Ledger(df, customer="client", time="date", amount="paid")
scores = lk.spark.rfm.score(ledger)
scores.customers            # a Spark DataFrame
"""

from leverkit.spark import clv, effect, funnel, pricing, profit, rfm, survey
from leverkit.spark._ledger import Ledger
from leverkit.spark._plan import plan

__all__ = ["Ledger", "clv", "effect", "funnel", "plan", "pricing", "profit", "rfm", "survey"]
