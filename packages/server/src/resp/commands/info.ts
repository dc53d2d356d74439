/** INFO [section …]: what the server says of itself, under the names that Redis gives. */
import type { Command } from '../command.ts';
import { infoSections } from '../info-sections.ts';

export const info: Command = {
  name: 'info',
  writes: false,
  arity: -1,
  flags: ['stale', 'loading'],
  keys: [0, 0, 0],
  group: 'server',
  summary: 'Answers figures of the server, by section.',
  run(session): void {
    const asked: string[] = [];
    for (let at = 1; at < session.args.count; at += 1) asked.push(session.text(at).toLowerCase());
    const everything = asked.length === 0 || asked.some((name) => ['all', 'default', 'everything'].includes(name));
    const sections = infoSections(session.node, session.info).filter(
      ({ title }) => everything || asked.includes(title.toLowerCase()),
    );
    const texts = sections.map(({ title, fields }) => {
      const lines = Object.entries(fields).map(([name, value]) => `${name}:${value}\r\n`);
      return `# ${title}\r\n${lines.join('')}`;
    });
    session.reply.verbatim(texts.join('\r\n'));
  },
};
