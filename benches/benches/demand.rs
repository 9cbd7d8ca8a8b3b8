//! Elasticity from a table in memory.

#![allow(missing_docs, clippy::unwrap_used)] // A bench is a program; what criterion's macros make has no docs.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use leverkit::core::{Table, batch};
use leverkit::pricing::{DemandModel, ElasticityParams, elasticity, elasticity_by};
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64;

const PRODUCTS: usize = 500;
const WEEKS: usize = 200;
const STORES: usize = 10;
const ROWS: usize = PRODUCTS * WEEKS * STORES;

/// Every product in every week and store, with an elasticity of −2.
fn panel() -> Table {
    let mut random = Pcg64::seed_from_u64(5);
    let product: Vec<i32> = (0..ROWS).map(|row| (row / (WEEKS * STORES)) as i32).collect();
    let week: Vec<i32> = (0..ROWS).map(|row| (row / STORES % WEEKS) as i32).collect();
    let store: Vec<i32> = (0..ROWS).map(|row| (row % STORES) as i32).collect();
    let price: Vec<f64> = (0..ROWS).map(|_| random.random_range(0.8..1.2)).collect();
    let units: Vec<f64> = price.iter().map(|price| 100.0 * price.powi(-2) * random.random_range(0.5..1.5)).collect();
    batch!("product" => product, "week" => week, "store" => store, "price" => price, "units" => units).unwrap().into()
}

fn benches(criterion: &mut Criterion) {
    let table = panel();
    let mut group = criterion.benchmark_group("elasticity");
    group.throughput(Throughput::Elements(ROWS as u64)).sample_size(10);
    let two = ElasticityParams::new("units", "price").effects(&["product", "week"]).cluster(&["product"]);
    group.bench_function("two effects", |bencher| bencher.iter(|| elasticity(&table, &two).unwrap()));
    let three = two.clone().effects(&["product", "week", "store"]);
    group.bench_function("three effects", |bencher| bencher.iter(|| elasticity(&table, &three).unwrap()));
    let poisson = ElasticityParams { model: DemandModel::Ppml, ..two.clone() };
    group.bench_function("Poisson", |bencher| bencher.iter(|| elasticity(&table, &poisson).unwrap()));
    let by = ElasticityParams { by: vec!["product".into()], ..two.effects(&["store"]).cluster(&["week"]) };
    group.bench_function("by product", |bencher| bencher.iter(|| elasticity_by(&table, &by).unwrap()));
    group.finish();
}

criterion_group!(elasticity_benches, benches);
criterion_main!(elasticity_benches);
