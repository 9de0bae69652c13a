export interface GraphProps {
  definition: string;
  /** By the state's name, e.g. `SUCCEEDED`; nothing where it has not been. */
  statuses?: ReadonlyMap<string, string>;
  /** States that something is wrong with, and what. */
  problems?: ReadonlyMap<string, string>;
  selected?: string | undefined;
  onSelect?: (name: string) => void;
}
