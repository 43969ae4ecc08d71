//! One metric with all its labels.

use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

/// The labels of a sample.
type Labels = Vec<(&'static str, String)>;

/// A metric that only grows.
pub(super) fn counter(
    name: &str,
    help: &str,
    samples: impl IntoIterator<Item = (Labels, u64)>,
) -> MetricFamily {
    let samples = samples.into_iter();
    totals(
        name,
        help,
        samples.map(|(labels, value)| (labels, value as f64)),
    )
}

/// A metric of times that only grows; given in microseconds, told in seconds.
pub(super) fn seconds(
    name: &str,
    help: &str,
    samples: impl IntoIterator<Item = (Labels, u64)>,
) -> MetricFamily {
    let samples = samples.into_iter();
    totals(
        name,
        help,
        samples.map(|(labels, micros)| (labels, micros as f64 / 1e6)),
    )
}

/// A metric that goes up and down.
pub(super) fn gauge(
    name: &str,
    help: &str,
    samples: impl IntoIterator<Item = (Labels, u64)>,
) -> MetricFamily {
    let samples = samples.into_iter().map(|(labels, value)| {
        let mut gauge = Gauge::default();
        gauge.set_value(value as f64);
        let mut metric = Metric::from_label(pairs(labels));
        metric.set_gauge(gauge);
        metric
    });
    family((name, help), MetricType::GAUGE, samples.collect())
}

fn totals(name: &str, help: &str, samples: impl Iterator<Item = (Labels, f64)>) -> MetricFamily {
    let samples = samples.map(|(labels, value)| {
        let mut counter = Counter::default();
        counter.set_value(value);
        let mut metric = Metric::from_label(pairs(labels));
        metric.set_counter(counter);
        metric
    });
    family((name, help), MetricType::COUNTER, samples.collect())
}

fn family((name, help): (&str, &str), kind: MetricType, samples: Vec<Metric>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(format!("dig_service_{name}"));
    family.set_help(help.to_owned());
    family.set_field_type(kind);
    family.set_metric(samples);
    family
}

fn pairs(labels: Labels) -> Vec<LabelPair> {
    let pairs = labels.into_iter().map(|(name, value)| {
        let mut pair = LabelPair::default();
        pair.set_name(name.to_owned());
        pair.set_value(value);
        pair
    });
    pairs.collect()
}
