from __future__ import annotations
import json
from tests.integration.conftest import Built
def test_x(built: Built) -> None:
    fleet = built.fleet
    beta = fleet.site('beta.localhost')
    k = fleet.key(beta.name)
    a = beta.get('/api/resource/Warehouse/Ready%20-%20BF', k); print(a)
    a = beta.put('/api/resource/Warehouse/Ready%20-%20BF', {'custom_shop_code': 'WRONG'}, k); print(a)
    (beta.folder/'site_config.json').write_text(json.dumps({**beta.config, 'mute_emails': False}))
    r = fleet.play('provision.yml', check=True, diff=True)
    print(r.stats, r.changed)
    print(r.stdout)
    print(json.dumps(r.diffs('beta.localhost'), indent=1))
    r = fleet.play('verify.yml', extravars={'drift': True})
    print(r.rc, r.failures); print(r.stdout)
    r = fleet.play('provision.yml', diff=True)
    print(r.stdout)
    print(json.dumps(r.diffs('beta.localhost'), indent=1), r.changed)
