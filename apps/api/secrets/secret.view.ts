import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { SecretName } from '#libs/platform/secrets';
import type { Page } from '../http/cursor.js';

@ApiSchema({ name: 'SecretName', description: 'What may be told of a secret.' })
export class SecretNameView {
  @ApiProperty()
  readonly tenant!: string;
  @ApiProperty({ description: 'Configurations name it as `secret://<name>`.' })
  readonly name!: string;
  @ApiProperty({ type: 'integer', description: 'Counts the values from 1.' })
  readonly version!: number;
  @ApiProperty()
  readonly setBy!: string;
  @ApiProperty({ format: 'date-time' })
  readonly setAt!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'Of this version.' })
  readonly lastUsedAt!: string | null;
}

@ApiSchema({ name: 'SecretNamePage' })
export class SecretNamePageView implements Page<SecretNameView> {
  @ApiProperty({ type: [SecretNameView] })
  readonly items!: SecretNameView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

export function secretNameView({ setAt, lastUsedAt, ...secret }: SecretName): SecretNameView {
  return { ...secret, setAt: setAt.toISOString(), lastUsedAt: lastUsedAt?.toISOString() ?? null };
}
