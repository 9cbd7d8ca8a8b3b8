//! A programme judged: several designs side by side, their placebos, the verdict, and the money.
