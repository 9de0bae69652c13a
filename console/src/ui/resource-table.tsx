// A list page's table: search, pages, sorting, selection, and what to say when it is empty, loading or refused.
import { useCollection } from "@cloudscape-design/collection-hooks";
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import Pagination from "@cloudscape-design/components/pagination";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Table, { type TableProps } from "@cloudscape-design/components/table";
import TextFilter from "@cloudscape-design/components/text-filter";
import type { ReactNode } from "react";
import type { Resource } from "../aws/use-resource.ts";
import { texts } from "../texts.ts";
import { Failure } from "./failure.tsx";

interface Props<Item> {
  /** What the items are called, in the plural. */
  title: string;
  description?: string;
  resource: Resource<Item[]>;
  columns: TableProps.ColumnDefinition<Item>[];
  keyOf: (item: Item) => string;
  /** The words an item is found by. */
  searchable: (item: Item) => string;
  emptyText: string;
  emptyAction?: ReactNode;
  actions?: ReactNode;
  filters?: ReactNode;
  selected?: Item[];
  onSelect?: (items: Item[]) => void;
  selectionType?: "single" | "multi";
  variant?: TableProps.Variant;
  pageSize?: number;
  headingLevel?: "h1" | "h2" | "h3";
}

export function ResourceTable<Item>(props: Props<Item>) {
  const { resource, columns, title, selected } = props;
  const collection = useCollection(resource.value ?? [], {
    filtering: {
      filteringFunction: (item, text) => props.searchable(item).toLowerCase().includes(text.trim().toLowerCase()),
      noMatch: <Box textAlign="center" color="inherit">{texts.table.noMatch}</Box>,
      empty: <Empty text={props.emptyText} action={props.emptyAction} />,
    },
    pagination: { pageSize: props.pageSize ?? 25 },
    sorting: {},
  });
  const total = resource.value?.length;
  return (
    <SpaceBetween size="m">
      <Failure error={resource.error} onRetry={resource.reload} />
      <Table<Item>
        {...collection.collectionProps}
        variant={props.variant ?? "container"}
        items={collection.items}
        columnDefinitions={columns}
        trackBy={props.keyOf}
        loading={resource.isLoading && resource.value === undefined}
        loadingText={texts.table.loading(title)}
        empty={resource.error === undefined ? collection.collectionProps.empty : texts.table.notLoaded}
        {...(props.onSelect && {
          selectionType: props.selectionType ?? "single",
          selectedItems: selected ?? [],
          onSelectionChange: ({ detail }) => props.onSelect?.(detail.selectedItems),
        })}
        ariaLabels={{
          tableLabel: title,
          selectionGroupLabel: texts.table.selection(title),
          itemSelectionLabel: (_, item) => texts.table.select(props.keyOf(item)),
          allItemsSelectionLabel: () => texts.table.selectAll,
        }}
        header={
          <Header
            variant={props.headingLevel ?? "h2"}
            {...(total !== undefined && { counter: `(${total})` })}
            {...(props.description && { description: props.description })}
            actions={<div className="actions">{props.actions}</div>}
          >
            {title}
          </Header>
        }
        filter={
          <SpaceBetween direction="horizontal" size="xs">
            <div className="table-filter">
              <TextFilter
                {...collection.filterProps}
                filteringPlaceholder={texts.table.find(title)}
                filteringAriaLabel={texts.table.find(title)}
                countText={texts.table.matches(collection.filteredItemsCount ?? 0)}
              />
            </div>
            {props.filters}
          </SpaceBetween>
        }
        pagination={<Pagination {...collection.paginationProps} />}
      />
    </SpaceBetween>
  );
}

function Empty({ text, action }: { text: string; action?: ReactNode }) {
  return (
    <Box textAlign="center" color="inherit">
      <SpaceBetween size="m">
        <Box variant="p" color="inherit">{text}</Box>
        {action}
      </SpaceBetween>
    </Box>
  );
}
