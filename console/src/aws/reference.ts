// Facts about AWS's services: actions with their levels, resources and condition keys. The server has them embedded.

export interface ActionFacts {
  level?: string | null;
  resources?: { name: string; required: boolean }[];
  keys?: string[];
}

export interface ServiceFacts {
  actions: Record<string, ActionFacts>;
  resources: Record<string, { arn: string; keys: string[] }>;
  keys: Record<string, string | null>;
}

const loaded = new Map<string, Promise<unknown>>();

function load<Value>(path: string): Promise<Value> {
  const known = loaded.get(path);
  if (known) return known as Promise<Value>;
  const asked = fetch(`/console-assets/${path}`).then(async (response) => {
    if (!response.ok) throw new Error(`${path}: ${response.status}`);
    return (await response.json()) as Value;
  });
  // A failure is not kept: the next question asks again.
  asked.catch(() => loaded.delete(path));
  loaded.set(path, asked);
  return asked;
}

export const servicePrefixes = () => load<string[]>("services.json");
export const integrationNames = () => load<string[]>("integrations.json");
export const serviceFacts = (prefix: string) => load<ServiceFacts>(`authorization/${prefix}.json`);
