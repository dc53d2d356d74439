/** Every command there is: one row, one file. */
import { CommandTable } from '../command-table.ts';
import { client } from './client.ts';
import { command } from './command.ts';
import { del } from './del.ts';
import { echo } from './echo.ts';
import { exists } from './exists.ts';
import { get } from './get.ts';
import { hello } from './hello.ts';
import { info } from './info.ts';
import { ping } from './ping.ts';
import { pttl } from './pttl.ts';
import { quit } from './quit.ts';
import { select } from './select.ts';
import { set } from './set.ts';
import { torcExplain } from './torc-explain.ts';
import { ttl } from './ttl.ts';

export const COMMANDS: CommandTable = new CommandTable([
  client,
  command,
  del,
  echo,
  exists,
  get,
  hello,
  info,
  ping,
  pttl,
  quit,
  select,
  set,
  torcExplain,
  ttl,
]);
