-- Which Pods a server takes, and what it makes of them: types, words, ranges, one field beside another.
local here = debug.getinfo(1, "S").source:match("^@(.*/)") or ""
local suite = assert(loadfile(here .. "suite.lua", "t", _ENV))()

-- What stands in the place of %s in the spec, and of %c in its container.
local TAKEN = {
  { "", "" },
  { "nodeSelector: {a: b, example.com/c: ''}", "" },
  { "volumes: [{name: v, configMap: {name: c, defaultMode: 420, items: [{key: a, path: b/c..d, mode: 256}]}}]", "" },
  { "volumes: [{name: v, secret: {secretName: s, defaultMode: 0}}, {name: w, emptyDir: {sizeLimit: 1Gi, "
    .. "medium: Memory}}]",
    "volumeMounts: [{name: v, mountPath: /v}, {name: w, mountPath: /w, subPath: a/..b}]" },
  { "volumes: [{name: v, projected: {sources: [{secret: {name: s}}, {configMap: {name: c, items: [{key: a, "
    .. "path: a}]}}, "
    .. "{downwardAPI: {items: [{path: labels, fieldRef: {fieldPath: metadata.labels}}]}}]}}]", "" },
  { "volumes: [{name: v}]", "" },
  { "tolerations: [{operator: Exists}, {key: a, value: b}, {key: a, effect: NoExecute, tolerationSeconds: 5}]", "" },
  { "", "resources: {requests: {cpu: 500m, memory: 1Gi}, limits: {cpu: 0.5, memory: 1073741824}}" },
  { "", "resources: {limits: {nvidia.com/gpu: 1, ephemeral-storage: 1Gi}}" },
  { "", "env: [{name: A, value: ''}, {name: B, valueFrom: {fieldRef: {fieldPath: metadata.name}}}, "
    .. "{name: C, valueFrom: {secretKeyRef: {name: s, key: k, optional: true}}}]" },
  { "", "envFrom: [{secretRef: {name: s}}, {prefix: P_, configMapRef: {name: c, optional: true}}]" },
  { "",
    "ports: [{containerPort: 80, name: http}, {containerPort: 80, protocol: UDP}, {containerPort: 443, "
    .. "name: https-2}]" },
  { "", "livenessProbe: {exec: {command: [a]}, periodSeconds: 5}" },
  { "", "readinessProbe: {httpGet: {port: http, path: /x, httpHeaders: [{name: A, value: b}]}, successThreshold: 2}" },
  { "", "startupProbe: {tcpSocket: {port: 80}}\n    lifecycle: {preStop: {exec: {command: [a]}}}" },
  { "", "livenessProbe: {grpc: {port: 1}}" },
  { "dnsPolicy: None\n  dnsConfig: {nameservers: [10.0.0.1], searches: [a.b], options: [{name: ndots, value: '2'}]}",
    "" },
  { "hostAliases: [{ip: 10.0.0.1, hostnames: [a.b, c]}, {ip: '::1', hostnames: [d]}]\n  hostname: a\n  subdomain: b",
    "" },
  { "topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: ScheduleAnyway, "
    .. "labelSelector: {matchLabels: {a: b}}}]", "" },
  { "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: "
    .. "[{key: a, operator: In, values: [b]}]}]}}, podAntiAffinity: {preferredDuringSchedulingIgnoredDuringExecution: "
    .. "[{weight: 1, podAffinityTerm: {topologyKey: a, labelSelector: {matchLabels: {a: b}}}}]}}", "" },
  { "activeDeadlineSeconds: 1\n  terminationGracePeriodSeconds: 0\n  priorityClassName: system-node-critical", "" },
  { "initContainers: [{name: i, image: x, securityContext: {allowPrivilegeEscalation: false, "
    .. "capabilities: {drop: [ALL]}}, restartPolicy: Always}]", "" },
  { "imagePullSecrets: [{name: a}, {name: b}]\n  enableServiceLinks: false\n  os: {name: linux}", "" },
}

local REFUSED = {
  { "nodeSelector: {a: 1}" }, { "nodeSelector: {a: true}" }, { "nodeSelector: [a]" }, { "nodeSelector: {a: b c}" },
  { "nodeSelector: {'a b': c}" }, { "hostNetwork: 'no'" }, { "volumes: {a: b}" }, { "volumes: [a]" },
  { "volumes: [{name: v, configMap: {name: c, defaultMode: '0644'}}]" },
  { "volumes: [{name: v, configMap: {name: c, defaultMode: 644}}]" },
  { "volumes: [{name: v, secret: {secretName: c, defaultMode: -1}}]" },
  { "volumes: [{name: v, secret: {secretName: c, items: [{key: a, path: a, mode: 512}]}}]" },
  { "volumes: [{name: v, configMap: {name: c, optional: 'true'}}]" },
  { "volumes: [{name: v, emptyDir: {}, secret: {secretName: x}}]" },
  { "volumes: [{name: v, emptyDir: {}, hostPath: {path: /x}}]" },
  { "volumes: [{name: v, emptyDir: {sizeLimit: -1}}]" }, { "volumes: [{name: v, emptyDir: {sizeLimit: big}}]" },
  { "volumes: [{name: v, configMap: {name: c, items: [{key: a, path: ../x}]}}]" },
  { "volumes: [{name: v, secret: {secretName: c, items: [{key: a, path: /x}]}}]" },
  { "volumes: [{name: v, projected: {sources: [{configMap: {name: c, items: [{key: a, path: a/../b}]}}]}}]" },
  { "volumes: [{name: V, emptyDir: {}}]" }, { "volumes: [{name: v, emptyDir: {}}, {name: v, emptyDir: {}}]" },
  { "volumes: [{name: v, persistentVolumeClaim: {}}]" },
  { "", "volumeMounts: [{name: nope, mountPath: /x}]" },
  { "volumes: [{name: v, emptyDir: {}}]", "volumeMounts: [{name: v, mountPath: /x, subPath: ../y}]" },
  { "volumes: [{name: v, emptyDir: {}}]", "volumeMounts: [{name: v, mountPath: /x, subPath: /y}]" },
  { "volumes: [{name: v, emptyDir: {}}]", "volumeMounts: [{name: v, mountPath: /x, readOnly: 'yes please'}]" },
  { "volumes: [{name: v, emptyDir: {}}]", "volumeMounts: [{name: v, mountPath: ''}]" },
  { "activeDeadlineSeconds: 0" }, { "activeDeadlineSeconds: 2147483648" }, { "activeDeadlineSeconds: '5'" },
  { "terminationGracePeriodSeconds: 1.5" }, { "runtimeClassName: gvisr" }, { "priorityClassName: nope" },
  { "restartPolicy: never" }, { "dnsPolicy: Never" }, { "dnsPolicy: None" }, { "hostname: a.b" }, { "hostname: A" },
  { "subdomain: a_b" }, { "hostAliases: [{ip: bad, hostnames: [a]}]" },
  { "hostAliases: [{ip: 1.2.3, hostnames: [a]}]" },
  { "tolerations: [{operator: Equal, effect: NoExecute}]" },
  { "tolerations: [{key: a, operator: Exists, effect: NoRun}]" },
  { "tolerations: [{key: a, operator: Is}]" }, { "tolerations: [{key: a, operator: Exists, value: b}]" },
  { "tolerations: [{key: a, effect: NoSchedule, tolerationSeconds: 5}]" }, { "tolerations: [{key: 'a b'}]" },
  { "topologySpreadConstraints: [{maxSkew: 0, topologyKey: a, whenUnsatisfiable: DoNotSchedule}]" },
  { "topologySpreadConstraints: [{maxSkew: 1, topologyKey: a, whenUnsatisfiable: Sometimes}]" },
  { "topologySpreadConstraints: [{maxSkew: '1', topologyKey: a, whenUnsatisfiable: DoNotSchedule}]" },
  { "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: []}}}" },
  { "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: "
    .. "[{key: a, operator: Is, values: [b]}]}]}}}" },
  { "affinity: {podAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 101, podAffinityTerm: "
    .. "{topologyKey: a}}]}}" },
  { "imagePullSecrets: [a]" }, { "os: {name: plan9}" },
  { "", "resources: {requests: {cpu: 2}, limits: {cpu: 1}}" },
  { "", "resources: {requests: {memory: 2Gi}, limits: {memory: 2G}}" },
  { "", "resources: {requests: {cpu: -1}}" }, { "", "resources: {limits: {nvidia.com/gpu: 1.5}}" },
  { "", "resources: {requests: {nvidia.com/gpu: 1}}" }, { "", "resources: {limits: {foo: 1}}" },
  { "", "resources: {limits: {cpu: lots}}" }, { "", "resources: {limits: [cpu]}" },
  { "", "resources: {limits: {cpu: true}}" },
  { "", "env: [{name: A, value: 1}]" }, { "", "env: [{name: A, value: true}]" }, { "", "env: {A: b}" },
  { "", "env: [{name: A, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}]" },
  { "", "env: [{name: A, valueFrom: {}}]" }, { "", "env: [{name: 'A=B', value: x}]" }, { "", "env: [{value: x}]" },
  { "", "env: [{name: A, valueFrom: {secretKeyRef: {name: s, key: k}, configMapKeyRef: {name: c, key: k}}}]" },
  { "", "ports: [{name: toolongportname1, containerPort: 1}]" }, { "", "ports: [{name: A, containerPort: 1}]" },
  { "", "ports: [{name: '1', containerPort: 1}]" }, { "", "ports: [{containerPort: 0}]" },
  { "", "ports: [{containerPort: 65536}]" }, { "", "ports: [{containerPort: http}]" },
  { "", "ports: [{containerPort: 1, protocol: tcp}]" },
  { "", "ports: [{containerPort: 1, name: a}, {containerPort: 2, name: a}]" },
  { "", "livenessProbe: {httpGet: {port: 1}, tcpSocket: {port: 1}}" }, { "", "livenessProbe: {periodSeconds: 5}" },
  { "", "livenessProbe: {exec: {command: [a]}, periodSeconds: -1}" },
  { "", "livenessProbe: {exec: {command: [a]}, successThreshold: 2}" }, { "", "livenessProbe: {exec: {command: a}}" },
  { "", "readinessProbe: {httpGet: {port: 0}}" }, { "", "readinessProbe: {httpGet: {port: 1, scheme: ftp}}" },
  { "", "lifecycle: {preStop: {exec: {command: [a]}, httpGet: {port: 1}}}" },
  { "", "imagePullPolicy: always" }, { "", "command: tini" }, { "", "args: [1]" }, { "", "tty: 1" },
  { "", "terminationMessagePolicy: Log" },
  { "initContainers: [{name: c, image: x, securityContext: {allowPrivilegeEscalation: false, "
    .. "capabilities: {drop: [ALL]}}}]" },
}

local POD = [[
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
  %s
  containers:
  - name: c
    image: x.example/c:1
    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
    %s
]]

describe("pods", function()
  local cluster, client

  setup(function()
    cluster = suite.open()
    client = cluster.k8s
  end)
  teardown(function()
    if cluster then
      cluster.close()
    end
  end)

  local function create(case)
    return client.create(yaml.decode(POD:format(case[1], case[2] or "")), { dryRun = true })
  end

  it("that are valid are taken", function()
    for _, case in ipairs(TAKEN) do
      local stored, err = create(case)
      assert(stored, ("%s %s: %s"):format(case[1], case[2], tostring(err)))
    end
  end)

  it("that are not are refused", function()
    local taken = {}
    for _, case in ipairs(REFUSED) do
      local stored = create(case)
      if stored then
        taken[#taken + 1] = ("%s %s"):format(case[1], case[2] or "")
      end
    end
    assert.equal("", table.concat(taken, "\n"))
  end)

  it("come back with the defaults of a server", function()
    local stored = assert(create { "volumes: [{name: v, configMap: {name: c}}]",
      "ports: [{containerPort: 80}]\n    livenessProbe: {exec: {command: [a]}}\n"
      .. "    resources: {limits: {cpu: 0.5, memory: 1073741824}}" })
    local c = stored.spec.containers[1]
    assert.equal(420, stored.spec.volumes[1].configMap.defaultMode)
    assert.equal("TCP", c.ports[1].protocol)
    assert.same({ exec = { command = { "a" } }, timeoutSeconds = 1, periodSeconds = 10, successThreshold = 1,
      failureThreshold = 3 }, c.livenessProbe)
    assert.same({ limits = { cpu = "500m", memory = "1073741824" }, requests = { cpu = "500m",
      memory = "1073741824" } }, c.resources)
    for given, text in pairs { ["1000m"] = "1", ["1.5"] = "1500m", ["2"] = "2", ["1000"] = "1k",
      ["0.0005k"] = "500m" } do
      local one = assert(create { "", "resources: {limits: {cpu: '" .. given .. "'}}" })
      assert.equal(text, one.spec.containers[1].resources.limits.cpu)
    end
    for given, text in pairs { ["1024Mi"] = "1Gi", ["1536Mi"] = "1536Mi", ["1000Mi"] = "1000Mi", ["4G"] = "4G" } do
      local one = assert(create { "", "resources: {limits: {memory: " .. given .. "}}" })
      assert.equal(text, one.spec.containers[1].resources.limits.memory)
    end
    assert.equal("IfNotPresent", c.imagePullPolicy)
    assert.equal("default", stored.spec.serviceAccountName)
  end)
end)
