// Notices: short messages in the footer.
import type { Store } from './store.ts'

/** Returns a function that shows a text in the footer. */
export const createNotifier =
  (store: Pick<Store, 'dispatch'>) =>
  (text: string): void =>
    store.dispatch({ type: 'notice', text })
