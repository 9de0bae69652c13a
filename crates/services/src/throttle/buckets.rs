//! AWS's numbers: the quotas page of Step Functions, by operation and Region.

use std::collections::BTreeMap;

use super::Rate;

/// The bucket of StartExecution for Standard state machines.
pub(crate) const START: &str = "StartExecution";
/// The bucket of StartExecution for Express state machines.
pub(crate) const EXPRESS_START: &str = "StartExecutionExpress";

/// The Regions with the larger numbers.
const LARGE_REGIONS: [&str; 3] = ["us-east-1", "us-west-2", "eu-west-1"];

/// Operation, size and refill in the large Regions, size and refill elsewhere.
const RATES: [(&str, u32, u32, u32, u32); 19] = [
    (START, 1_300, 300, 800, 150),
    (EXPRESS_START, 6_000, 6_000, 6_000, 6_000),
    ("GetActivityTask", 3_000, 500, 1_500, 300),
    ("SendTaskSuccess", 3_000, 500, 1_500, 300),
    ("SendTaskFailure", 3_000, 500, 1_500, 300),
    ("SendTaskHeartbeat", 3_000, 500, 1_500, 300),
    ("RedriveExecution", 1_300, 300, 800, 150),
    ("StopExecution", 1_000, 200, 500, 25),
    ("GetExecutionHistory", 400, 20, 400, 20),
    ("DescribeExecution", 300, 15, 250, 10),
    ("DescribeStateMachine", 200, 20, 200, 20),
    ("ListExecutions", 200, 5, 100, 2),
    ("ListActivities", 100, 10, 100, 5),
    ("ListStateMachines", 100, 5, 100, 5),
    ("DescribeActivity", 200, 1, 200, 1),
    ("DescribeMapRun", 200, 1, 200, 1),
    ("DescribeStateMachineAlias", 200, 1, 200, 1),
    ("DescribeStateMachineForExecution", 200, 1, 200, 1),
    ("TestState", 50, 10, 50, 10),
];

/// Tags: 200 at once, one each second.
const TAGS: [&str; 2] = ["TagResource", "UntagResource"];

/// A hundred at once, one each second.
const SELDOM: [&str; 16] = [
    "CreateActivity",
    "CreateStateMachine",
    "CreateStateMachineAlias",
    "DeleteActivity",
    "DeleteStateMachine",
    "DeleteStateMachineAlias",
    "DeleteStateMachineVersion",
    "ListMapRuns",
    "ListStateMachineAliases",
    "ListStateMachineVersions",
    "ListTagsForResource",
    "PublishStateMachineVersion",
    "UpdateMapRun",
    "UpdateStateMachine",
    "UpdateStateMachineAlias",
    "ValidateStateMachineDefinition",
];

pub(super) fn of_region(region: &str) -> BTreeMap<&'static str, Rate> {
    let is_large = LARGE_REGIONS.contains(&region);
    let stated = RATES.iter().map(|(name, size, refill, small_size, small_refill)| {
        let rate = if is_large {
            Rate { size: *size, refill: *refill }
        } else {
            Rate { size: *small_size, refill: *small_refill }
        };
        (*name, rate)
    });
    let tags = TAGS.iter().map(|name| (*name, Rate { size: 200, refill: 1 }));
    let seldom = SELDOM.iter().map(|name| (*name, Rate { size: 100, refill: 1 }));
    stated.chain(tags).chain(seldom).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_but_those_on_demand_has_a_rate() {
        let rates = of_region("eu-central-1");
        let without: Vec<_> = crate::states::operations()
            .names()
            .into_iter()
            .filter(|name| !rates.contains_key(name))
            .collect();
        assert_eq!(without, ["StartSyncExecution"]);
        assert_eq!(rates["StopExecution"], Rate { size: 500, refill: 25 });
        assert_eq!(of_region("us-east-1")["StopExecution"], Rate { size: 1_000, refill: 200 });
    }
}
