// Hands an error of the screen on. Ink would print it with its stack, over the terminal.
import { Component, type ReactNode } from 'react'

interface ErrorBoundaryProps {
  readonly onError: (error: Error) => void
  readonly children: ReactNode
}

/** Draws nothing once its children have thrown. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly isBroken: boolean }> {
  static getDerivedStateFromError(): { readonly isBroken: boolean } {
    return { isBroken: true }
  }

  constructor(props: ErrorBoundaryProps) {
    super(props)
    this.state = { isBroken: false }
  }

  override componentDidCatch(error: Error): void {
    this.props.onError(error)
  }

  override render(): ReactNode {
    return this.state.isBroken ? null : this.props.children
  }
}
