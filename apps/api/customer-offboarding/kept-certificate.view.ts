import { ApiProperty, ApiSchema } from '@nestjs/swagger';
import type { RunProof } from '#libs/process/model';
import type { Page } from '../http/cursor.js';

@ApiSchema({ name: 'KeptCertificate', description: 'What is kept of a certificate whose customer was erased.' })
export class KeptCertificateView {
  @ApiProperty({ format: 'uuid' })
  readonly runId!: string;
  @ApiProperty()
  readonly process!: string;
  @ApiProperty()
  readonly outcome!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  readonly endedAt!: string | null;
  @ApiProperty({ description: 'Of the whole certificate’s bytes, in hexadecimal digits.' })
  readonly certificateSha256!: string;
}

@ApiSchema({ name: 'KeptCertificatePage' })
export class KeptCertificatePageView implements Page<KeptCertificateView> {
  @ApiProperty({ type: [KeptCertificateView] })
  readonly items!: KeptCertificateView[];
  @ApiProperty({ type: String, nullable: true })
  readonly nextCursor!: string | null;
}

export function keptCertificateView(row: { readonly run_id: string; readonly proof: string }): KeptCertificateView {
  // our own words, checked when they were written
  const { run, certificate } = JSON.parse(row.proof) as RunProof;
  const { process, outcome, endedAt } = run;
  return { runId: row.run_id, process, outcome, endedAt, certificateSha256: certificate.sha256 };
}
