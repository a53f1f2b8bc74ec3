import { test } from 'vitest';
import { leaksOf, transactionLeaksOf, waitsOf, factsOf } from './analysis/program.ts';
import { readFileSync } from 'node:fs';
test('scratch', () => {
  for (const code of readFileSync('/tmp/tests/scratch.txt', 'utf8').split('\n====\n')) {
    const f = factsOf(code);
    const l = (s: any) => s.module.lineOf(s.node.range[0]);
    console.log(code.split('\n').slice(0,40).map((x,i)=>`${i+1} ${x}`).join('\n') + '\n', JSON.stringify({ opens: f?.opens.map(o=>l(o.site)+' '+o.driver.id+' '+o.lives.map(v=>`${v.settings.timeout}/${v.settings.journal}/${v.used?'u':''}${v.lasting?'l':''}`)), leaks: leaksOf(code), tx: transactionLeaksOf(code), waits: waitsOf(code), async: f?.asyncCallbacks.map(a=>l(a.site)), up: f?.upgrades.map(u=>l(u.site)+':'+l(u.read)+'>'+l(u.write)), null: f===null }));
  }
});
