//! Revenue that points put off, under IFRS 15 and ASC 606.

use leverkit_core::Params;
use serde::Serialize;

use super::params::DeferralParams;
use crate::Error;

/// How the price of a sale is shared between goods and points, and when the points' part becomes revenue.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Deferral {
    /// What it was made with.
    pub params: DeferralParams,
    /// Revenue of the goods, at once.
    pub goods: f64,
    /// The price of the points, put off.
    pub points: f64,
    /// One row per period.
    pub periods: Vec<DeferralPeriod>,
}

/// A period's revenue from points.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct DeferralPeriod {
    /// Points redeemed so far.
    pub redeemed: f64,
    /// Points expected to be redeemed in all.
    pub expected: f64,
    /// Revenue so far: the points' price times redeemed over expected.
    pub released: f64,
    /// Revenue of the period; a new estimate catches up on the periods before.
    pub revenue: f64,
    /// What is still put off.
    pub liability: f64,
}

/// Shares a price between goods and points by their stand-alone prices (IFRS 15.74), and releases the points' part as they are redeemed, in proportion to
/// what is expected to be redeemed in all (IFRS 15.B46); a new estimate changes revenue in the period in which it is made.
///
/// # Errors
/// [`Error::Core`] for prices that are not above 0, or fewer points expected than redeemed.
///
/// ```
/// use leverkit_effect::liability::{DeferralParams, deferral};
/// // IFRS 15, illustrative example 52.
/// let sale = DeferralParams {
///     paid: 100_000.0, goods: 100_000.0, points: 9_500.0, redeemed: vec![4_500.0, 4_000.0], expected: vec![9_500.0, 9_700.0],
/// };
/// let found = deferral(&sale)?;
/// assert_eq!((found.goods.round(), found.points.round()), (91_324.0, 8_676.0));
/// assert_eq!(found.periods.iter().map(|period| period.revenue.round()).collect::<Vec<_>>(), [4_110.0, 3_493.0]);
/// assert_eq!(found.periods[1].liability.round(), 1_073.0);
/// # Ok::<(), leverkit_effect::Error>(())
/// ```
pub fn deferral(params: &DeferralParams) -> Result<Deferral, Error> {
    params.check()?;
    let whole = params.goods + params.points;
    let points = params.paid * params.points / whole;
    let (mut redeemed, mut before) = (0.0, 0.0);
    let periods = params.redeemed.iter().zip(&params.expected).map(|(now, &expected)| {
        redeemed += now;
        let released = points * redeemed / expected;
        let revenue = released - before;
        before = released;
        DeferralPeriod { redeemed, expected, released, revenue, liability: points - released }
    });
    let periods = periods.collect();
    Ok(Deferral { params: params.clone(), goods: params.paid - points, points, periods })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_estimates_catch_up_as_in_kpmg_s_examples() {
        // KPMG, Revenue – IFRS 15 handbook, examples 10A and 10B: 9 % of 100,000 is the points'.
        let revenue = |expected: f64| {
            let sale = DeferralParams {
                paid: 100_000.0,
                goods: 91.0,
                points: 9.0,
                redeemed: vec![4_500.0, 4_000.0],
                expected: vec![9_700.0, expected],
            };
            deferral(&sale).unwrap().periods.iter().map(|period| period.revenue.round()).collect::<Vec<_>>()
        };
        assert_eq!(revenue(9_900.0), [4_175.0, 3_552.0]);
        assert_eq!(revenue(9_200.0), [4_175.0, 4_140.0]);
    }

    #[test]
    fn fewer_expected_than_redeemed_is_refused() {
        let sale = DeferralParams { paid: 10.0, goods: 10.0, points: 1.0, redeemed: vec![5.0], expected: vec![4.0] };
        insta::assert_snapshot!(deferral(&sale).unwrap_err(), @"expected: got 4; expected at least the 5 points redeemed by then");
    }
}
