import assert from 'node:assert/strict';
import { it } from 'node:test';
import { nodeOfCloudId } from '../../../../src/outputs/elasticsearch/cloud-id.ts';
import { elasticsearchOutputSchema } from '../../../../src/outputs/elasticsearch/config.ts';

const idOf = (content: string): string => `my-deployment:${Buffer.from(content).toString('base64')}`;

it('a Cloud ID names the address of its Elasticsearch', () => {
  for (const [content, node] of [
    ['europe.cloud.test$abc123$def456', 'https://abc123.europe.cloud.test:443'],
    ['europe.cloud.test$abc123', 'https://abc123.europe.cloud.test:443'],
    ['europe.cloud.test:9243$abc123$def456', 'https://abc123.europe.cloud.test:9243'],
    ['europe.cloud.test:9243$abc123:9244$def456:9245', 'https://abc123.europe.cloud.test:9244'],
  ] as const) {
    assert.equal(nodeOfCloudId(idOf(content)), node);
    assert.equal(nodeOfCloudId(`a name: with colons:${Buffer.from(content).toString('base64')}`), node);
  }
});

it('what is no Cloud ID is said where it is configured', () => {
  for (const id of [
    '',
    'nonsense',
    'name:###',
    idOf(''),
    idOf('$abc'),
    idOf('host$'),
    idOf('a b$abc'),
    idOf('host:999999$abc'),
  ]) {
    const { success, error } = elasticsearchOutputSchema.safeParse({ type: 'elasticsearch', cloud_id: id });
    assert.equal(success, false, id);
    assert.match(error?.message ?? '', /is no Cloud ID: copy it from the page of the deployment/);
  }
  assert.equal(
    elasticsearchOutputSchema.safeParse({ type: 'elasticsearch', cloud_id: idOf('host.test$abc$def') })
      .success,
    true,
  );
});
