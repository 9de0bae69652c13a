import TopNavigation, { type TopNavigationProps } from "@cloudscape-design/components/top-navigation";
import { useState, useSyncExternalStore } from "react";
import { createPortal } from "react-dom";
import { callerName, type SessionControl, useSession } from "./session/session.ts";
import { SwitchRole } from "./session/switch-role.tsx";
import { texts } from "./texts.ts";
import { isDarkNow, onAppearance, toggleAppearance } from "./ui/appearance.ts";
import logo from "./icon.svg";

export function TopBar() {
  const control = useSession();
  const isDark = useSyncExternalStore(onAppearance, isDarkNow);
  const [isSwitching, setSwitching] = useState(false);
  const utilities: TopNavigationProps.Utility[] = [
    { type: "button", text: isDark ? texts.bar.light : texts.bar.dark, onClick: toggleAppearance },
    ...sessionUtilities(control, () => setSwitching(true)),
  ];
  const top = document.getElementById("top");
  const bar = (
    <TopNavigation
      identity={{ href: "#/", title: texts.product, logo: { src: logo, alt: "" } }}
      utilities={utilities}
      i18nStrings={texts.bar.labels}
    />
  );
  return (
    <>
      {top && createPortal(bar, top)}
      {isSwitching && <SwitchRole onClose={() => setSwitching(false)} />}
    </>
  );
}

function sessionUtilities(control: SessionControl, onSwitch: () => void): TopNavigationProps.Utility[] {
  const { session, switchBack, signOut } = control;
  const name = callerName(session.arn);
  const acts: Record<string, () => void> = { switch: onSwitch, back: switchBack, out: signOut };
  const region: TopNavigationProps.Utility = { type: "button", text: session.region, title: texts.bar.region, disableUtilityCollapse: false };
  const menu: TopNavigationProps.Utility = {
    type: "menu-dropdown",
    text: session.base ? texts.bar.switched(name, session.account) : `${name} @ ${session.account}`,
    description: session.arn,
    iconName: "user-profile",
    items: [
      { id: "switch", text: texts.switchRole.button },
      ...(session.base ? [{ id: "back", text: texts.bar.switchBack(callerName(session.base.arn)) }] : []),
      { id: "out", text: texts.bar.signOut },
    ],
    onItemClick: ({ detail }) => acts[detail.id]?.(),
  };
  return [region, menu];
}
