import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useState } from "react";
import { texts } from "../../texts.ts";

interface Props {
  level: string;
  names: string[];
  chosen: string[];
  isSearching: boolean;
  onChange: (actions: string[]) => void;
}

/** The actions of one access level. Boxes are made only when it is open: some services have hundreds. */
export function ActionLevel({ level, names, chosen, isSearching, onChange }: Props) {
  const [isOpen, setOpen] = useState(false);
  const here = names.filter((name) => chosen.includes(name));
  const isShown = isOpen || isSearching;
  const all = here.length === names.length;
  const setAll = (checked: boolean) => {
    const others = chosen.filter((name) => !names.includes(name));
    onChange(checked ? [...others, ...names] : others);
  };
  return (
    <ExpandableSection
      headerText={level}
      headerCounter={`(${here.length}/${names.length})`}
      expanded={isShown}
      onChange={({ detail }) => setOpen(detail.expanded)}
    >
      {isShown && (
        <SpaceBetween size="s">
          <Checkbox checked={all} indeterminate={here.length > 0 && !all} onChange={({ detail }) => setAll(detail.checked)}>
            {texts.policyEditor.allOfLevel(level)}
          </Checkbox>
          <ColumnLayout columns={3}>
            {names.map((name) => (
              <Checkbox
                key={name}
                checked={chosen.includes(name)}
                onChange={({ detail }) => onChange(detail.checked ? [...chosen, name] : chosen.filter((other) => other !== name))}
              >
                {name}
              </Checkbox>
            ))}
          </ColumnLayout>
        </SpaceBetween>
      )}
    </ExpandableSection>
  );
}
