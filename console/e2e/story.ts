// An account with something of everything, for screenshots and for what looks at every page.
import {
  AddUserToGroupCommand, CreateAccessKeyCommand, CreateGroupCommand, CreatePolicyCommand, CreateRoleCommand, CreateUserCommand, PutRolePolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateActivityCommand, CreateStateMachineCommand, DescribeExecutionCommand, type SFNClient, StartExecutionCommand } from "@aws-sdk/client-sfn";
import { ACCOUNT, makeGreeter, rootClients } from "./setup.ts";

export interface Story {
  pages: Record<string, { path: string; ready: string | RegExp }>;
}

const machine = (functionArn: string, archive: string) => JSON.stringify({
  Comment: "Greets everybody in parallel with a note, and archives what happened",
  QueryLanguage: "JSONata",
  StartAt: "Prepare",
  States: {
    Prepare: { Type: "Pass", Assign: { people: "{% $states.input.people %}" }, Next: "Any people?" },
    "Any people?": { Type: "Choice", Choices: [{ Condition: "{% $count($people) > 0 %}", Next: "Greet all" }], Default: "Nobody" },
    "Greet all": {
      Type: "Map", Items: "{% $people %}",
      ItemProcessor: { StartAt: "Greet", States: { Greet: {
        Type: "Task", Resource: "arn:aws:states:::lambda:invoke", Arguments: { FunctionName: functionArn, Payload: { name: "{% $states.input %}" } }, Output: "{% $states.result.Payload %}", End: true,
      } } },
      Next: "Archive",
    },
    Archive: {
      Type: "Task", Resource: "arn:aws:states:::lambda:invoke", Arguments: { FunctionName: archive, Payload: "{% $states.input %}" },
      Catch: [{ ErrorEquals: ["States.ALL"], Next: "Not archived" }], End: true,
    },
    "Not archived": { Type: "Fail", Error: "NotArchived", Cause: "The archive refused the greetings" },
    Nobody: { Type: "Succeed" },
  },
}, undefined, 2);

export async function makeStory(endpoint: string): Promise<Story> {
  const { iam, sfn } = rootClients(endpoint);
  const greeter = await makeGreeter(endpoint);
  const archive = greeter.replace("Greeter", "Archive");
  const trust = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: "states.amazonaws.com" }, Action: "sts:AssumeRole" }] };
  const role = await iam.send(new CreateRoleCommand({ RoleName: "StepFunctionsLambdaRole", AssumeRolePolicyDocument: JSON.stringify(trust), Description: "Allows Step Functions to access AWS resources on your behalf." }));
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: greeter }] });
  await iam.send(new PutRolePolicyCommand({ RoleName: "StepFunctionsLambdaRole", PolicyName: "InvokeGreeter", PolicyDocument: policy }));
  const managed = await iam.send(new CreatePolicyCommand({ PolicyName: "InvokeGreeters", PolicyDocument: policy }));
  await iam.send(new CreateUserCommand({ UserName: "alice" }));
  await iam.send(new CreateAccessKeyCommand({ UserName: "alice" }));
  await iam.send(new CreateGroupCommand({ GroupName: "Developers" }));
  await iam.send(new AddUserToGroupCommand({ UserName: "alice", GroupName: "Developers" }));
  await sfn.send(new CreateActivityCommand({ name: "ApproveByHand" }));
  const made = await sfn.send(new CreateStateMachineCommand({ name: "GreetEverybody", definition: machine(greeter, archive), roleArn: role.Role?.Arn }));
  const execution = await ended(sfn, made.stateMachineArn ?? "");
  return { pages: pages(made.stateMachineArn ?? "", execution, managed.Policy?.Arn ?? "") };
}

async function ended(sfn: SFNClient, stateMachineArn: string): Promise<string> {
  const { executionArn = "" } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"people":["Ada","Grace","Edsger"]}' }));
  for (;;) {
    const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (status !== "RUNNING") return executionArn;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function pages(machineArn: string, execution: string, policyArn: string): Story["pages"] {
  const part = encodeURIComponent;
  return {
    home: { path: "/", ready: "See what was decided" },
    "state-machines": { path: "/states/machines", ready: "GreetEverybody" },
    "state-machine": { path: `/states/machines/${part(machineArn)}`, ready: "Start execution" },
    "create-state-machine": { path: "/states/machines/create", ready: "No findings" },
    "edit-state-machine": { path: `/states/machines/${part(machineArn)}/edit`, ready: /Archive is denied lambda:InvokeFunction/ },
    execution: { path: `/states/executions/${part(execution)}`, ready: "What would fix it" },
    activities: { path: "/states/activities", ready: "ApproveByHand" },
    "test-state": { path: "/states/test", ready: "Not tested yet." },
    roles: { path: "/iam/roles", ready: "StepFunctionsLambdaRole" },
    "create-role": { path: "/iam/roles/create", ready: "Use case" },
    role: { path: "/iam/roles/StepFunctionsLambdaRole", ready: "InvokeGreeter" },
    "suggested-policy": { path: "/iam/roles/StepFunctionsLambdaRole", ready: "Suggested policy" },
    "add-inline-policy": { path: "/iam/roles/StepFunctionsLambdaRole/inline-policy/InvokeGreeter", ready: "Add ARN of function" },
    policies: { path: "/iam/policies", ready: /^A\w+(Access|Policy)$/ },
    policy: { path: `/iam/policies/${part(policyArn)}`, ready: "Policy document" },
    users: { path: "/iam/users", ready: "alice" },
    user: { path: "/iam/users/alice", ready: "Permissions policies" },
    groups: { path: "/iam/groups", ready: "Developers" },
    group: { path: "/iam/groups/Developers", ready: "alice" },
    simulator: { path: `/iam/simulator?principal=${part(`arn:aws:iam::${ACCOUNT}:role/StepFunctionsLambdaRole`)}&action=lambda:InvokeFunction`, ready: "Question" },
    decisions: { path: "/decisions?action=lambda:InvokeFunction", ready: "lambda:InvokeFunction" },
    functions: { path: "/lambda/functions", ready: "Greeter" },
    function: { path: "/lambda/functions/Greeter", ready: "Handler" },
    "create-function": { path: "/lambda/functions/create", ready: "Runtime" },
  };
}
