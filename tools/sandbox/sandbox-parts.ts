import type { Directory, DirectoryAccess } from './directory/directory.js';
import type { Domain, DomainAccess } from './domain/domain.js';
import type { HookReceiver } from './http/hook-receiver.js';
import type { MailReceiver } from './mail/mail-receiver.js';

/** What `GET /` answers: all that one needs to use the sandbox. */
export interface SandboxDescription {
  tenants: { readonly muster: DirectoryAccess; readonly nordlicht?: DomainAccess };
  mail: { url: string; host: string; port: number; user: string; password: string; caFile: string };
  http: { url: string; hooksUrl: string };
}

/** The customers' directories; nordlicht's is there where the sandbox was given Samba. */
export interface DemoDirectories {
  readonly muster: Directory;
  readonly nordlicht?: Domain;
}

/** The running systems of the demo customers. */
export interface SandboxParts {
  description: SandboxDescription;
  directories: DemoDirectories;
  mail: MailReceiver;
  hooks: HookReceiver;
}
