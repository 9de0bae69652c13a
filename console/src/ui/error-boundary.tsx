import { Component, type ReactNode } from "react";
import { Failure } from "./failure.tsx";

interface Props {
  children: ReactNode;
}

/** A page that breaks says so and leaves the rest of the console usable. */
export class ErrorBoundary extends Component<Props, { error: unknown }> {
  override state = { error: undefined as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return <Failure error={this.state.error} onRetry={() => this.setState({ error: undefined })} />;
  }
}
