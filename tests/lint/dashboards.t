#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Metrics, dashboard and alerts: promtool is content, every query names metrics, labels and words that exist."""

import json
import os
import re
import subprocess
import sys
import tempfile

top = os.environ.get('top_srcdir', '.')
sys.path.insert(0, os.path.join(top, 'tests/tap'))
import tables
from tap import finish, ok

build = os.environ.get('top_builddir', '.')
folder = os.path.join(top, 'contrib/dashboards')


def promtool(*arguments, text=None):
    done = subprocess.run(('promtool',) + arguments, input=text, capture_output=True, text=True, check=False)
    return done.returncode == 0, done.stdout + done.stderr


metrics = {}
for name, kind, labels, _ in tables.rows('metrics'):
    own = set(filter(None, labels.split(',')))
    for suffix in ('_bucket', '_sum', '_count') if kind == 'histogram' else ('',):
        metrics[name + suffix] = own | ({'le'} if suffix == '_bucket' else set())
words = {'phase': tables.words('phases'), 'event': tables.words('events'), 'reason': tables.words('reasons'),
         'verdict': {'accept', 'drop', 'would-drop'}}
everywhere = {'instance', 'job'}


def selector_errors(where, metric, selector):
    for label, operator, value in re.findall(r'(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"', selector):
        if label not in metrics[metric] | everywhere:
            yield f'{where}: {metric} has no label {label}'
        for one in value.split('|') if label in words else ():
            if not any(re.fullmatch(one, word) for word in words[label]):
                yield f'{where}: no {label} is "{one}"'


def query_errors(where, expression):
    found = re.findall(r'\b(tcpwarden_\w+)\s*(?:\{([^}]*)\})?', expression)
    if not found:
        yield f'{where}: no metric of ours in {expression}'
    used = set()
    for metric, selector in found:
        if metric not in metrics:
            yield f'{where}: there is no metric {metric}'
            continue
        used |= metrics[metric]
        yield from selector_errors(where, metric, selector)
    for labels in re.findall(r'\bby \(([^)]*)\)', expression):
        for label in re.split(r',\s*', labels):
            if label not in used | everywhere:
                yield f'{where}: by ({label}), which no metric there has'


def dashboard_errors(dashboard):
    for panel in dashboard['panels']:
        for target in panel.get('targets', []):
            yield from query_errors(panel['title'], target['expr'])
            known = set.union(*(metrics.get(name, set()) for name in re.findall(r'tcpwarden_\w+', target['expr'])))
            yield from (f'{panel["title"]}: no label {label} for the legend'
                        for label in re.findall(r'\{\{(\w+)\}\}', target['legendFormat']) if label not in known)
    for note in dashboard['annotations']['list']:
        yield from query_errors(note['name'], note['expr'])


# Of Grafana's, those that are used here.
PANELS = {'stat', 'gauge', 'timeseries', 'heatmap', 'row'}
UNITS = {'short', 'percentunit', 's', 'pps', 'cps'}


def layout_errors(panels):
    """Grafana's grid has 24 columns; no panel may lie on another."""
    taken = {}
    for panel in panels:
        at = panel['gridPos']
        if at['x'] + at['w'] > 24 or min(at['x'], at['y']) < 0 or min(at['w'], at['h']) < 1:
            yield f'{panel["title"]}: outside the grid'
        for cell in ((x, y) for x in range(at['x'], at['x'] + at['w']) for y in range(at['y'], at['y'] + at['h'])):
            if taken.setdefault(cell, panel['title']) != panel['title']:
                yield f'{panel["title"]}: lies on {taken[cell]}'
                break


def panel_errors(panel, datasource):
    where = panel['title']
    if panel['type'] not in PANELS:
        yield f'{where}: no panel of Grafana is a {panel["type"]}'
    if panel['type'] == 'row':
        return
    if panel['fieldConfig']['defaults'].get('unit') not in UNITS:
        yield f'{where}: unit {panel["fieldConfig"]["defaults"].get("unit")}'
    references = [target['refId'] for target in panel['targets']]
    if not references or len(references) != len(set(references)):
        yield f'{where}: refIds {references}'
    for holder in (panel, *panel['targets']):
        if holder['datasource'] != datasource:
            yield f'{where}: its data source is no variable'
    if (panel['type'] == 'heatmap') != any(target.get('format') == 'heatmap' for target in panel['targets']):
        yield f'{where}: buckets are for heatmaps, and the other way round'
    for target in panel['targets']:
        if '[' in target['expr'] and not re.search(r'\[(\$__rate_interval|1h)\]', target['expr']):
            yield f'{where}: a range that does not follow the resolution'


def board_errors(board):
    if not (8 <= len(board['uid']) <= 40 and board['title'] and board['schemaVersion'] >= 36):
        yield 'uid, title or schemaVersion'
    variables = {variable['name']: variable for variable in board['templating']['list']}
    if variables['datasource']['type'] != 'datasource' or variables['datasource']['query'] != 'prometheus':
        yield 'no variable for the data source'
    source = {'type': 'prometheus', 'uid': '${datasource}'}
    used = set(re.findall(r'\$\{?(\w+)', json.dumps(board['panels'] + board['annotations']['list'])))
    yield from (f'no variable {name}' for name in used - set(variables) - {'__rate_interval', '__all'})
    for holder in board['annotations']['list'] + [variables['instance']]:
        if holder['datasource'] != source:
            yield f'{holder["name"]}: its data source is no variable'
    yield from layout_errors(board['panels'])
    for panel in board['panels']:
        yield from panel_errors(panel, source)


def replaced(value, before, after):
    return json.loads(json.dumps(value).replace(before, after, 1))


sample = subprocess.run([os.path.join(build, 'tests/unit/report/test_metrics'), '--print'], capture_output=True,
                        text=True, check=False).stdout
ok(sample.count('# TYPE ') == len(tables.rows('metrics')), 'the text has all metrics of the table', sample)
passed, said = promtool('check', 'metrics', text=sample)
ok(passed, 'promtool check metrics', said)
passed, said = promtool('check', 'metrics', text='# TYPE a_total gauge\na_total 1\n')
ok(not passed, 'promtool finds fault where there is one', said)

with open(os.path.join(folder, 'tcpwarden.json'), encoding='utf-8') as file:
    board = json.load(file)
errors = list(dashboard_errors(board))
ok(not errors, 'every query of the dashboard names what exists', '\n'.join(errors))
errors = list(board_errors(board))
ok(not errors, 'panels, units, data source and places are what Grafana knows', '\n'.join(errors))
for before, after in (('"x": 12', '"x": 11'), ('"w": 24', '"w": 25'), ('"pps"', '"packets"'), ('"stat"', '"number"'),
                      ('"uid": "${datasource}"', '"uid": "prometheus"'), ('"refId": "B"', '"refId": "A"'),
                      ('$instance', '$gateway'), ('"heatmap"', '"timeseries"')):
    broken = replaced(board, before, after)
    ok(broken != board and list(board_errors(broken)), f'a fault would be found: {after}')
ids = [panel['id'] for panel in board['panels']]
ok(len(ids) == len(set(ids)) and len(ids) > 10, 'panels have ids of their own', ids)
shown = {name for panel in board['panels'] for target in panel.get('targets', [])
         for name in re.findall(r'tcpwarden_\w+', target['expr'])}
missing = {name for name, kind, _, _ in tables.rows('metrics') if name != 'tcpwarden_build_info' and
           not any(one == name or one.startswith(name + '_') for one in shown)}
ok(not missing, 'every metric has a panel', missing)

rules = os.path.join(folder, 'tcpwarden.rules.yml')
passed, said = promtool('check', 'rules', rules)
ok(passed, 'promtool check rules', said)
with open(rules, encoding='utf-8') as file:
    text = file.read()
with open(os.path.join(top, 'tests/lint/alerts.yml'), encoding='utf-8') as file:
    cases = file.read()
with tempfile.TemporaryDirectory() as scratch:
    for name, lines in (('rules', re.sub(r'\n +description: .*', '', text)), ('cases', cases.replace('RULES', 'rules')),
                        ('wrong', cases.replace('RULES', 'rules').replace('95% full', '94% full'))):
        with open(os.path.join(scratch, name), 'w', encoding='utf-8') as file:
            file.write(lines)
    passed, said = promtool('test', 'rules', os.path.join(scratch, 'cases'))
    ok(passed, 'promtool test rules: each alert fires when it should, and only then', said)
    ok(not promtool('test', 'rules', os.path.join(scratch, 'wrong'))[0], 'and would say so if it did not')
alerts = set(re.findall(r'- alert: (\w+)', text))
for kind, what in ((r'\n', 'fires'), (r'\[\]', 'does not')):
    missing = {alert for alert in alerts if not re.search(rf'alertname: {alert}\W+exp_alerts: *{kind}', cases)}
    ok(not missing, f'each alert has a case in which it {what}', missing)
expressions = re.findall(r'- alert: (\w+)\n\s+expr: (?:>-\n((?:\s{10,}.*\n)+)|(.*)\n)', text)
errors = [error for name, block, line in expressions for error in query_errors(name, block or line)]
ok(len(expressions) == text.count('- alert:') and not errors, 'every query of the alerts names what exists',
   '\n'.join(errors))
settings = tables.words('options')
unknown = {name for name in re.findall(r'\b(?:tracking|syn_flood|queue|log|policy)\.[a-z_]+', text)
           if name not in settings}
ok(not unknown, 'the alerts name options that exist', unknown)
sys.exit(finish())
