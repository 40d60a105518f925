import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import type { FieldProblem, Json, Problem } from '#libs/kernel';

@ApiSchema({ name: 'FieldProblem', description: 'A field that was refused.' })
export class FieldProblemView implements FieldProblem {
  @ApiProperty({ example: 'notify.mail' })
  readonly path!: string;
  @ApiProperty({ example: 'not_a_mail_address' })
  readonly code!: string;
  @ApiProperty()
  readonly message!: string;
}

@ApiSchema({ name: 'Problem', description: 'A problem (RFC 9457) with a stable code.' })
export class ProblemView implements Problem {
  @ApiProperty({ example: 'urn:stellwerk:problem:request.not_found' })
  readonly type!: string;
  @ApiProperty()
  readonly title!: string;
  @ApiProperty({ description: 'Stable, never reused.', example: 'request.not_found' })
  readonly code!: string;
  @ApiProperty({ description: 'What to do about it.' })
  readonly detail!: string;
  @ApiPropertyOptional({
    type: 'integer',
    description: 'The HTTP status; absent where the fault was found after the answer.',
  })
  readonly status?: number;
  @ApiPropertyOptional({ type: [FieldProblemView] })
  readonly errors?: FieldProblemView[];
  @ApiPropertyOptional({ type: 'object', additionalProperties: true })
  readonly context?: { readonly [key: string]: Json };
}
