//! `/metrics`: what the server counts, in Prometheus' text format.
//!
//! Asks for no credentials, and therefore answers whoever is on this machine only, unless the operator says otherwise.
//! Tells numbers, and nothing of accounts, state machines or principals.

use std::fmt::{Display, Write as _};
use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use stepward_engine::{Distribution, Engine, EngineCounts, ExecutionCounts};
use stepward_services::Services;
use stepward_services::states::{Delivery, DeliveryCounts};

use crate::config::MetricsAccess;

const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Where the numbers come from, and who may read them.
pub(crate) struct Metrics {
    pub(crate) access: MetricsAccess,
    pub(crate) services: Arc<Services>,
    pub(crate) engine: Arc<Engine>,
    pub(crate) delivery: Arc<Delivery>,
}

impl Metrics {
    pub(crate) fn answer(&self, peer: IpAddr) -> Response<Full<Bytes>> {
        let is_allowed = match self.access {
            MetricsAccess::Off => false,
            MetricsAccess::Loopback => peer.to_canonical().is_loopback(),
            MetricsAccess::All => true,
        };
        let mut response = Response::new(Full::new(Bytes::new()));
        if is_allowed {
            *response.body_mut() = Full::new(Bytes::from(self.text()));
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(TEXT_FORMAT));
        } else {
            *response.status_mut() = StatusCode::FORBIDDEN;
            let why = "Metrics are for this machine; metrics.access in the configuration changes that.\n";
            *response.body_mut() = Full::new(Bytes::from_static(why.as_bytes()));
        }
        response
    }

    fn text(&self) -> String {
        let (decisions, denials) = self.services.access.decisions().counts();
        let mut text = Text::default();
        text.executions(&self.engine.counts());
        text.counter(
            "stepward_throttled_requests_total",
            "Calls answered Rate exceeded.",
            self.services.throttled(),
        );
        text.counter("stepward_decisions_total", "Decisions on a right.", decisions);
        text.counter("stepward_denied_decisions_total", "Decisions that denied a right.", denials);
        text.delivery(self.delivery.counts());
        text.0
    }
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &str, value: impl Display) {
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, "counter", help);
        self.sample(name, "", value);
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl Display) {
        self.head(name, "gauge", help);
        self.sample(name, "", value);
    }

    fn executions(&mut self, counts: &EngineCounts) {
        let by_type = |text: &mut Self, what: &str, help: &str, of: fn(&ExecutionCounts) -> u64| {
            let name = format!("stepward_executions_{what}_total");
            text.head(&name, "counter", help);
            for (label, counts) in [("STANDARD", &counts.standard), ("EXPRESS", &counts.express)] {
                text.sample(&name, &format!("{{type=\"{label}\"}}"), of(counts));
            }
        };
        by_type(self, "started", "Executions that began.", |counts| counts.started);
        by_type(self, "succeeded", "Executions that succeeded.", |counts| counts.succeeded);
        by_type(self, "failed", "Executions that failed.", |counts| counts.failed);
        by_type(self, "timed_out", "Executions that timed out.", |counts| counts.timed_out);
        by_type(self, "aborted", "Executions that were stopped.", |counts| counts.aborted);
        by_type(self, "redriven", "Executions that went on after a redrive.", |counts| counts.redriven);
        let help = "Commands refused because too much waits or too many executions are open.";
        self.counter("stepward_executions_throttled_total", help, counts.throttled);
        self.gauge("stepward_open_executions", "Standard executions that are open.", counts.open_executions);
        let name = "stepward_execution_duration_seconds";
        self.head(name, "histogram", "From the start, or the last redrive, to the end.");
        self.histogram(name, "type=\"STANDARD\"", &counts.standard.durations);
        self.histogram(name, "type=\"EXPRESS\"", &counts.express.durations);
        let name = "stepward_commit_duration_seconds";
        self.head(name, "histogram", "From handing a batch of events to the store until it is durable.");
        self.histogram(name, "", &counts.commits);
        self.counter(
            "stepward_commit_failures_total",
            "Batches that could not be written.",
            counts.commit_failures,
        );
        let name = "stepward_queued_commands";
        self.head(name, "gauge", "Commands of the API that wait for a shard.");
        for (shard, waiting) in counts.queued_commands.iter().enumerate() {
            self.sample(name, &format!("{{shard=\"{shard}\"}}"), waiting);
        }
        let help = "Tasks of activities that no worker has yet.";
        self.gauge("stepward_queued_activity_tasks", help, counts.queued_activity_tasks);
    }

    fn delivery(&mut self, counts: DeliveryCounts) {
        let name = "stepward_execution_log_events_total";
        self.head(name, "counter", "Events for execution logs and event buses, by what came of them.");
        for (outcome, count) in
            [("delivered", counts.delivered), ("dropped", counts.dropped), ("denied", counts.denied)]
        {
            self.sample(name, &format!("{{outcome=\"{outcome}\"}}"), count);
        }
        self.gauge(
            "stepward_queued_execution_log_events",
            "Commits whose events wait for delivery.",
            counts.queued,
        );
    }

    fn histogram(&mut self, name: &str, labels: &str, distribution: &Distribution) {
        let comma = if labels.is_empty() { "" } else { "," };
        for (bound, count) in &distribution.at_most {
            self.sample(&format!("{name}_bucket"), &format!("{{{labels}{comma}le=\"{bound}\"}}"), count);
        }
        self.sample(
            &format!("{name}_bucket"),
            &format!("{{{labels}{comma}le=\"+Inf\"}}"),
            distribution.count,
        );
        let labels = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
        self.sample(&format!("{name}_sum"), &labels, distribution.sum_seconds);
        self.sample(&format!("{name}_count"), &labels, distribution.count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_histogram_has_buckets_that_add_up_and_an_infinite_one() {
        let mut text = Text::default();
        let distribution = Distribution { at_most: vec![(0.5, 1), (1.0, 2)], count: 3, sum_seconds: 4.25 };
        text.histogram("h", "type=\"A\"", &distribution);
        let expected = "h_bucket{type=\"A\",le=\"0.5\"} 1\nh_bucket{type=\"A\",le=\"1\"} 2\n\
             h_bucket{type=\"A\",le=\"+Inf\"} 3\nh_sum{type=\"A\"} 4.25\nh_count{type=\"A\"} 3\n";
        assert_eq!(text.0, expected);
    }

    #[test]
    fn every_family_says_what_it_is() {
        let mut text = Text::default();
        text.executions(&EngineCounts::default());
        text.delivery(DeliveryCounts::default());
        for family in
            ["stepward_executions_started_total counter", "stepward_commit_duration_seconds histogram"]
        {
            assert!(text.0.contains(&format!("# TYPE {family}")), "{}", text.0);
        }
    }
}
