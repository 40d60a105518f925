/** The demo customers' systems, for tests and the demo. */
export { initialDomainPassword, initialPassword } from './companies/company.model.js';
export { muster } from './companies/muster.data.js';
export { nordlicht } from './companies/nordlicht.data.js';
export { readWrites, type DirectoryWrite } from './directory/access-log.js';
export {
  startDirectory,
  type CommonAccess,
  type Directory,
  type DirectoryAccess,
  type DirectoryOptions,
} from './directory/directory.js';
export { startDomain, type Domain, type DomainAccess, type DomainOptions, type SambaPlaces } from './domain/domain.js';
export type { Gate } from './gate/gate.js';
export type { HoldRequest, HoldStatus } from './gate/answer-hold.js';
export type { HookBehaviour, ReceivedCall } from './http/hook-receiver.js';
export type { ReceivedMail } from './mail/mail-receiver.js';
export { startSandbox, type Sandbox, type SandboxOptions } from './sandbox.js';
export type { SandboxDescription } from './sandbox-parts.js';
export { diffSnapshots, snapshotDirectory, type DirectorySnapshot, type SnapshotSource } from './snapshot.js';
