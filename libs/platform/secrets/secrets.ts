import { readFile } from 'node:fs/promises';
import { AppError } from '#libs/kernel';

/** No value stands behind this reference. */
export class SecretMissing extends AppError {
  readonly code = 'secret.missing';
  readonly title = 'A secret is not known';
  readonly kind = 'unavailable';
  override readonly retryable = true;
}

/** What a secret is used for. */
export interface SecretUse {
  /** The run; while planning, the request. */
  readonly runId: string;
  readonly stepId: string;
  /** Counts the tries of the activity from 1. */
  readonly attempt: number;
}

/** Where secrets come from. Only activities resolve them; a value never enters a workflow, event, log or history. */
export interface SecretSource {
  /**
   * The value behind `secret://<name>` of a tenant. `use` goes on record; null when this use is on record already. Throws
   * `SecretMissing`.
   */
  resolve(tenant: string, reference: string, use?: SecretUse | null): Promise<string>;
}

/** A value, and the version that it is of, by its id; null: its source keeps no versions. */
export interface FoundSecret {
  readonly value: string;
  readonly versionId: string | null;
}

/** A source that tells versions apart where it can. */
export interface VersionedSecrets extends SecretSource {
  /** As `resolve`, with the version. */
  find(tenant: string, reference: string, use?: SecretUse | null): Promise<FoundSecret>;
}

/** `directory-bind` of `secret://directory-bind`. */
export function nameOfSecret(reference: string): string {
  return reference.replace(/^secret:\/\//, '');
}

/** Secrets in a JSON file `{tenant: {name: value}}`, read at each use so that a rotation needs no restart. */
export class FileSecrets implements VersionedSecrets {
  constructor(private readonly file: string) {}

  async resolve(tenant: string, reference: string): Promise<string> {
    const name = nameOfSecret(reference);
    const value = (await this.read())[tenant]?.[name];
    if (value === undefined)
      throw new SecretMissing(`${reference} of ${tenant} is not in the secrets file. Add it there.`);
    return value;
  }

  async find(tenant: string, reference: string): Promise<FoundSecret> {
    return { value: await this.resolve(tenant, reference), versionId: null };
  }

  /** A file that is away or half written is waited for like a value that is missing. */
  private async read(): Promise<Record<string, Record<string, string> | undefined>> {
    try {
      return JSON.parse(await readFile(this.file, 'utf8')) as Record<string, Record<string, string>>;
    } catch (cause) {
      throw new SecretMissing('The secrets file cannot be read (STELLWERK_SECRETS_FILE). Put it there.', { cause });
    }
  }
}
