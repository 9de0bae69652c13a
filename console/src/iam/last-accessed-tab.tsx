import {
  GenerateServiceLastAccessedDetailsCommand, GetServiceLastAccessedDetailsCommand, type ServiceLastAccessed,
} from "@aws-sdk/client-iam";
import type { Clients } from "../aws/clients.ts";
import { useResource } from "../aws/use-resource.ts";
import { useClients } from "../session/session.ts";
import { texts } from "../texts.ts";
import { ResourceTable } from "../ui/resource-table.tsx";
import { ago } from "../ui/time.tsx";

const words = texts.lastAccessed;

/** Which services the policies allow, and when each was used. */
export function LastAccessedTab({ arn }: { arn: string }) {
  const { iam } = useClients();
  const services = useResource(() => lastAccessed(iam, arn), [iam, arn]);
  return (
    <ResourceTable
      title={words.title}
      description={words.description}
      resource={services}
      columns={[
        { id: "service", header: words.service, isRowHeader: true, sortingField: "ServiceName", cell: (service: ServiceLastAccessed) => service.ServiceName },
        { id: "when", header: words.when, cell: (service: ServiceLastAccessed) => (service.LastAuthenticated ? ago(service.LastAuthenticated) : words.never) },
      ]}
      keyOf={({ ServiceNamespace = "" }) => ServiceNamespace}
      searchable={({ ServiceName, ServiceNamespace }) => `${ServiceName} ${ServiceNamespace}`}
      emptyText={words.empty}
    />
  );
}

const ROUND_MS = 300;

async function lastAccessed(iam: Clients["iam"], Arn: string): Promise<ServiceLastAccessed[]> {
  const { JobId } = await iam.send(new GenerateServiceLastAccessedDetailsCommand({ Arn }));
  for (;;) {
    const report = await iam.send(new GetServiceLastAccessedDetailsCommand({ JobId, MaxItems: 1000 }));
    if (report.JobStatus === "FAILED") throw new Error(report.Error?.Message ?? words.failed);
    if (report.JobStatus === "COMPLETED") return report.ServicesLastAccessed ?? [];
    await new Promise((resolve) => setTimeout(resolve, ROUND_MS));
  }
}
