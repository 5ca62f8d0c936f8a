#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Others' tools read what we write: jq with queries for Suricata's flow records, a reader of Zeek's logs."""

import ipaddress
import os
import re
import subprocess
import sys

top = os.environ.get('top_srcdir', '.')
replay = os.path.join(os.environ.get('top_builddir', '.'), 'tcpwarden-replay')
story = os.path.join(top, 'tests/replay/story.seg')
count = 0


def ok(passed, name, why=''):
    global count
    count += 1
    print(f'{"ok" if passed else "not ok"} {count} - {name}')
    if not passed:
        print('\n'.join('# ' + line for line in str(why).splitlines()))


def run(*command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else f'exit {done.returncode}: {done.stderr}'


def query(name, program, expected, *options):
    answer = run('jq', '-c', *options, program, text=eve).split('\n')[:-1]
    ok(answer == expected, f'jq: {name}', f'have {answer}\nwant {expected}')


def zeek_values(text):
    """The rows of a log in Zeek's ASCII format, each a dictionary of typed values; every oddity raises."""
    head, rows = {}, []
    convert = {'time': float, 'interval': float, 'count': int, 'port': int, 'string': str, 'enum': str,
               'addr': ipaddress.ip_address, 'bool': {'T': True, 'F': False}.__getitem__,
               'set[string]': lambda word: word.split(head['set_separator'][0])}
    for line in text.splitlines():
        if line.startswith('#separator '):
            head['separator'] = line.split(' ')[1].encode().decode('unicode_escape')
        elif line.startswith('#'):
            key, *words = line[1:].split(head['separator'])
            head[key] = words
        else:
            words = line.split(head['separator'])
            assert len(words) == len(head['fields']) == len(head['types']), line
            rows.append({field: None if word == head['unset_field'][0] else convert[kind](word)
                         for field, kind, word in zip(head['fields'], head['types'], words)})
    assert head['path'] == ['conn'] and re.fullmatch(r'[0-9-]{19}', head['close'][0]), head
    return rows


eve = run(replay, '--set', 'log.format=eve', '--events', story)
flows = zeek_values(run(replay, '--flows=zeek', story))
records = sorted(str(row['id.orig_p']) for row in flows)
volume = sum(row['orig_bytes'] + row['resp_bytes'] for row in flows)

query('every line has time and type',
      'length == ([.[] | select((.timestamp | test("^[0-9]{4}(-[0-9]{2}){2}T[0-9:]{8}[.][0-9]{6}[+]0000$")) and'
      ' (.event_type | . == "flow" or . == "drop" or . == "tcpwarden") and (.tcpwarden | type == "object"))] | length)',
      ['true'], '-s')
query('flow records: types of the keys',
      '[.[] | select(.event_type == "flow") | [(.flow_id, .src_port, .dest_port, .flow.pkts_toserver,'
      ' .flow.pkts_toclient, .flow.bytes_toserver, .flow.bytes_toclient, .flow.age | type),'
      ' (.src_ip, .dest_ip, .proto, .flow.start, .flow.end, .flow.state, .flow.reason, .tcp.state, .community_id |'
      ' type)]] | unique',
      ['[[' + ','.join(['"number"'] * 8 + ['"string"'] * 9) + ']]'], '-s')
query('one flow record a connection', '[.[] | select(.event_type == "flow") | .src_port] | map(tostring) | sort',
      ['["' + '","'.join(records) + '"]'], '-s')
query('the volume of all flows',
      '[.[] | select(.event_type == "flow") | .flow.bytes_toserver + .flow.bytes_toclient] | add', [str(volume)], '-s')
query('flows that were reset', 'select(.event_type == "flow" and .tcp.rst and .flow.state == "closed") | .dest_port',
      ['81', '22'])
query('top talkers',
      '[.[] | select(.event_type == "flow")] | group_by(.src_ip) | map({ip: .[0].src_ip, flows: length}) |'
      ' sort_by(-.flows, .ip) | .[0].ip', ['"10.9.1.2"'], '-s')
query('dropped packets', 'select(.event_type == "drop" and .drop.reason == "ack-high") | .drop.tcpack', ['99999'])
query('all lines of one connection share flow_id and community_id',
      'map(select(.flow_id)) | group_by(.flow_id) | map([.[].community_id] | unique | length) | unique', ['[1]'], '-s')
query('flow_id survives a double', 'select(.flow_id and .flow_id >= 9007199254740992)', [])

ok(len(flows) >= 4, 'Zeek: the reader finds the flows', flows)
ok(all(row['proto'] == 'tcp' and row['uid'] and row['ts'] >= 0 for row in flows), 'Zeek: uid, time, protocol', flows)
ok({row['conn_state'] for row in flows} <= {'S0', 'S1', 'SF', 'REJ', 'S2', 'S3', 'RSTO', 'RSTR', 'RSTOS0', 'RSTRH', 'SH',
                                           'SHR', 'OTH'}, 'Zeek: conn_state is one of its words', flows)
print(f'1..{count}')
sys.exit(0)
