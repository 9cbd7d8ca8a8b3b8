//! Images of brands and maps of counts, for Python.

use leverkit::survey::{CorrespondenceParams, ImageParams, PositionParams, SimilarityParams};

use crate::result::{analyses, result};

analyses! {
    image(table: ImageParams) -> Image = leverkit::survey::image;
    brand_position(table: PositionParams) -> BrandPosition = leverkit::survey::position;
    correspondence(table: CorrespondenceParams) -> Correspondence = leverkit::survey::correspondence;
    similarity(table: SimilarityParams) -> Similarity = leverkit::survey::similarity;
}

result! {
    /// The image of brands.
    Image of leverkit::survey::Image {
        n: u64 = |found| found.n;
        inertia: f64 = |found| found.map.inertia;
        map_p_value: f64 = |found| found.map.p_value;
    }
}

result! {
    /// A table of counts and its map.
    Correspondence of leverkit::survey::Correspondence {
        n: f64 = |found| found.n;
        inertia: f64 = |found| found.map.inertia;
        map_p_value: f64 = |found| found.map.p_value;
        chi_squared: f64 = |found| found.chi_squared;
        df: f64 = |found| found.df;
        p_value: f64 = |found| found.p_value;
    }
}

result! {
    /// A map of what is alike.
    Similarity of leverkit::survey::Similarity {
        n: u64 = |found| found.n;
        stress: f64 = |found| found.stress;
        p_value: f64 = |found| found.p_value;
    }
}

result! {
    /// Where brands stand.
    BrandPosition of leverkit::survey::Position {
        n: u64 = |found| found.n;
        map_p_value: Option<f64> = |found| found.map.as_ref().map(|map| map.p_value);
    }
}
