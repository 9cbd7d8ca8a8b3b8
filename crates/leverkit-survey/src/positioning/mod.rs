//! Where brands stand: their image, and maps of it.

mod biplot;
mod blocks;
mod cell;
mod counts;
mod drivers;
mod facts;
mod image;
mod map;
mod params;
mod position;
mod scaling;
mod similarity;
mod table;

pub use cell::PositionCell;
pub use counts::{Correspondence, CountCell, correspondence};
pub use drivers::Driver;
pub use facts::FactCheck;
pub use image::{Image, ImageCell, ImageMove, image};
pub use map::{Map, MapAxis, MapPoint, Scatter};
pub use params::{
    CorrespondenceParams, ImageParams, PositionBlock, PositionFact, PositionMeasure, PositionParams, ScalingMethod,
    SimilarityParams,
};
pub use position::{Position, PositionBrand, PositionRival, PositionSpace, PositionStep, position};
pub use similarity::{Similarity, SimilarityFit, SimilarityPair, SimilarityPoint, similarity};
