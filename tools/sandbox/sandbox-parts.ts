import type { Directory, DirectoryAccess } from './directory/directory.js';
import type { HookReceiver } from './http/hook-receiver.js';
import type { MailReceiver } from './mail/mail-receiver.js';

/** What `GET /` answers: all that one needs to use the sandbox. */
export interface SandboxDescription {
  tenants: Record<string, DirectoryAccess>;
  mail: { url: string; host: string; port: number; user: string; password: string; caFile: string };
  http: { url: string; hooksUrl: string };
}

/** The running systems of the demo customers. */
export interface SandboxParts {
  description: SandboxDescription;
  directories: Record<string, Directory>;
  mail: MailReceiver;
  hooks: HookReceiver;
}
