// What the server says of itself before anybody signs in.

export interface ServerConfig {
  version: string;
  region: string;
  /** It accepts test/test: signing in takes one click. */
  isDev: boolean;
}

export async function loadServerConfig(): Promise<ServerConfig> {
  const response = await fetch("/console-assets/config.json");
  if (!response.ok) throw new Error(`config.json: ${response.status}`);
  return (await response.json()) as ServerConfig;
}
