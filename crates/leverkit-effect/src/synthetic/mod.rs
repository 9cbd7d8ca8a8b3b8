//! A few treated units, such as shops or cities, against a weighted mean of the others.
