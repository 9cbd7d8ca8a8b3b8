//! The families of timing models, one file each, and what they share.

pub(crate) mod beta_geo;
pub(crate) mod beta_geo_beta_binom;
pub(crate) mod gamma_gamma;
mod geometric;
pub(crate) mod likelihood;
pub(crate) mod modified_beta_geo;
pub(crate) mod pareto_nbd;
pub(crate) mod regular;
pub(crate) mod special;
pub(crate) mod timing;

/// Runs the same code for every family: `$Model` stands for the family's type.
macro_rules! with_family {
    ($family:expr, $Model:ident => $body:expr) => {
        match $family {
            $crate::Family::BetaGeo => {
                type $Model = $crate::models::beta_geo::BetaGeo;
                $body
            }
            $crate::Family::ModifiedBetaGeo => {
                type $Model = $crate::models::modified_beta_geo::ModifiedBetaGeo;
                $body
            }
            $crate::Family::ParetoNbd => {
                type $Model = $crate::models::pareto_nbd::ParetoNbd;
                $body
            }
            $crate::Family::BetaGeoBetaBinom => {
                type $Model = $crate::models::beta_geo_beta_binom::BetaGeoBetaBinom;
                $body
            }
            $crate::Family::Regular(_) => {
                type $Model = $crate::models::regular::Regular;
                $body
            }
        }
    };
}
pub(crate) use with_family;
