import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Deployment } from 'kubernetes-types/apps/v1.js';
import type { ConfigMap, PersistentVolumeClaim, SecurityContext, Service } from 'kubernetes-types/core/v1.js';
import { parseAllDocuments } from 'yaml';
import { parseConfig } from '../../../src/config/load.ts';
import { registry } from '../../../src/registry.ts';

const FILE = new URL('../../../examples/kubernetes/mosquitto.yaml', import.meta.url);
const documents = parseAllDocuments(readFileSync(FILE, 'utf8')).map((document) => document.toJS());

const locked = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
} satisfies SecurityContext;
const log = { name: 'mosquitto-log', mountPath: '/mosquitto/log' };
const mosquittoConfig = { name: 'mosquitto-config', mountPath: '/mosquitto/config', readOnly: true };
const labels = { app: 'mosquitto' };

/** The file once more, in the types of the Kubernetes API: a key that it does not know does not compile. */
const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'mosquitto', labels },
  spec: {
    replicas: 1,
    strategy: { type: 'Recreate' },
    selector: { matchLabels: labels },
    template: {
      metadata: {
        labels,
        annotations: { 'prometheus.io/scrape': 'true', 'prometheus.io/port': '9641' },
      },
      spec: {
        shareProcessNamespace: true,
        terminationGracePeriodSeconds: 30,
        securityContext: {
          runAsUser: 1883,
          runAsGroup: 1883,
          fsGroup: 1883,
          runAsNonRoot: true,
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [
          {
            name: 'mosquitto',
            image: 'eclipse-mosquitto:2.0.22',
            ports: [{ name: 'mqtt', containerPort: 1883 }],
            readinessProbe: { tcpSocket: { port: 'mqtt' } },
            livenessProbe: { tcpSocket: { port: 'mqtt' }, periodSeconds: 20 },
            resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '512Mi' } },
            securityContext: locked,
            volumeMounts: [mosquittoConfig, log, { name: 'mosquitto-data', mountPath: '/mosquitto/data' }],
          },
          {
            name: 'rotate',
            image: 'eclipse-mosquitto:2.0.22',
            command: ['sh', '/mosquitto/config/rotate.sh'],
            resources: { requests: { cpu: '10m', memory: '8Mi' }, limits: { memory: '32Mi' } },
            securityContext: locked,
            volumeMounts: [mosquittoConfig, log],
          },
          {
            name: 'brokertap',
            image: 'brokertap',
            args: ['run', '-c', '/etc/brokertap/brokertap.yaml'],
            ports: [{ name: 'telemetry', containerPort: 9641 }],
            livenessProbe: { httpGet: { path: '/health/live', port: 'telemetry' }, periodSeconds: 20 },
            startupProbe: {
              httpGet: { path: '/health/live', port: 'telemetry' },
              failureThreshold: 30,
              periodSeconds: 2,
            },
            resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
            securityContext: locked,
            volumeMounts: [
              { name: 'brokertap-config', mountPath: '/etc/brokertap', readOnly: true },
              { name: 'brokertap-secret', mountPath: '/run/brokertap', readOnly: true },
              { name: 'brokertap-state', mountPath: '/var/lib/brokertap' },
              { ...log, readOnly: true },
            ],
          },
        ],
        volumes: [
          { name: 'mosquitto-config', configMap: { name: 'mosquitto' } },
          { name: 'mosquitto-log', emptyDir: { sizeLimit: '1Gi' } },
          { name: 'mosquitto-data', emptyDir: {} },
          { name: 'brokertap-config', configMap: { name: 'brokertap' } },
          { name: 'brokertap-secret', secret: { secretName: 'brokertap' } },
          { name: 'brokertap-state', persistentVolumeClaim: { claimName: 'brokertap-state' } },
        ],
      },
    },
  },
} satisfies Deployment;

const claim = {
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'brokertap-state' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '12Gi' } } },
} satisfies PersistentVolumeClaim;

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'mosquitto' },
  spec: { selector: labels, ports: [{ name: 'mqtt', port: 1883, targetPort: 'mqtt' }] },
} satisfies Service;

const configMap = (name: string, data: Record<string, string>) =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data }) satisfies ConfigMap;

describe('Kubernetes example', () => {
  const [mosquitto, brokertap] = documents;

  it('is what the types of the Kubernetes API allow', () => {
    assert.deepEqual(documents, [
      configMap('mosquitto', mosquitto.data),
      configMap('brokertap', brokertap.data),
      claim,
      deployment,
      service,
    ]);
  });

  it('what is mounted is there, and what is asked for has a port', () => {
    const { volumes, containers } = deployment.spec.template.spec;
    const names = volumes.map(({ name }) => name);
    for (const { volumeMounts } of containers)
      for (const { name } of volumeMounts) assert.ok(names.includes(name), name);
    assert.deepEqual(Object.keys(mosquitto.data), ['mosquitto.conf', 'rotate.sh']);
    for (const volume of volumes) {
      if (!('configMap' in volume)) continue;
      const { name } = volume.configMap;
      assert.ok(
        documents.some(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === name),
        name,
      );
    }
  });

  it('the probe takes its settings; they name what is mounted', () => {
    const config = parseConfig(brokertap.data['brokertap.yaml'], 'brokertap.yaml', {}, registry);
    const mounts = deployment.spec.template.spec.containers[2]?.volumeMounts.map(
      ({ mountPath }) => mountPath,
    );
    assert.ok(mounts?.includes(String(config.state)));
    const { log: input } = config.inputs;
    assert.match(JSON.stringify(input), /"\/mosquitto\/log\/mosquitto\.log\*"/);
    assert.match(mosquitto.data['mosquitto.conf'], /^log_dest file \/mosquitto\/log\/mosquitto\.log$/m);
  });
});
