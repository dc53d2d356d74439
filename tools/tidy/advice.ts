/** Takes the declined advice out of the findings, and adds a finding for each entry that should not be there. */
import type { Allowed } from './allow.ts';

export interface RuleFinding {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
  readonly subject?: string;
}

const minReason = 20;
const listPath = 'tools/tidy/allow.ts';

export function withoutDeclined(findings: readonly RuleFinding[], list: readonly Allowed[]): readonly RuleFinding[] {
  const matches = (entry: Allowed, finding: RuleFinding): boolean =>
    entry.rule === finding.rule && entry.path === finding.path && entry.subject === finding.subject;
  const left = findings.filter((finding) => !list.some((entry) => matches(entry, finding)));
  const wrong = list.flatMap((entry) => {
    const name = `${entry.rule} of ${entry.subject} in ${entry.path}`;
    const messages: string[] = [];
    if (!findings.some((finding) => matches(entry, finding)))
      messages.push(`${name} is not needed any more: delete it`);
    if (entry.reason.trim().length < minReason) messages.push(`${name} needs a reason of ${minReason} characters`);
    return messages.map((message) => ({ path: listPath, line: 1, rule: 'allow', message }));
  });
  return [...left, ...wrong];
}
