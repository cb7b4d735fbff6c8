package main

import (
	"fmt"
	"math/rand/v2"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// generator makes pods that hold every field Pod Security looks at. bad is the
// chance that a field takes a value that may be refused; about half of all pods
// have none. valid keeps to what the API server's own validation accepts.
type generator struct {
	*rand.Rand
	bad     float64
	valid   bool
	perUnit bool  // containers say runAsNonRoot and seccompProfile themselves
	ports   int32 // given out so far: no two containers may share a host port
}

func newGenerator(seed, number uint64, valid bool) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, number)), valid: valid}
	g.bad = pick(g, 0, 0, 0, 0, 0.01, 0.03, 0.1, 0.4)
	g.perUnit = g.chance(0.3)
	return g
}

func pick[T any](g *generator, from ...T) T { return from[g.IntN(len(from))] }

func ref[T any](v T) *T { return &v }

func (g *generator) chance(p float64) bool { return g.Float64() < p }
func (g *generator) evil() bool            { return g.chance(g.bad) }

// maybe is absent, the harmless value, or seldom the other one.
func (g *generator) maybe(harmless, other bool) *bool {
	if g.evil() {
		return &other
	}
	if g.chance(0.5) {
		return nil
	}
	return &harmless
}

func (g *generator) pod(number int) *corev1.Pod {
	pod := &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("pod-%d", number)},
	}
	spec := &pod.Spec
	spec.HostNetwork, spec.HostPID, spec.HostIPC = g.evil(), g.evil(), g.evil()
	g.podContext(spec)
	g.containers(spec)
	g.volumes(spec)
	if !g.valid {
		g.relaxations(spec)
	}
	g.annotations(pod)
	return pod
}

// relaxations are what Pod Security goes easy on, and the guard does not.
func (g *generator) relaxations(spec *corev1.PodSpec) {
	if g.chance(0.2) {
		spec.HostUsers = ref(g.chance(0.3))
	}
	if g.chance(0.1) {
		spec.OS = &corev1.PodOS{Name: pick(g, corev1.Linux, corev1.Linux, "", corev1.Windows)}
	}
}

func (g *generator) annotations(pod *corev1.Pod) {
	if !g.chance(0.2) && !g.evil() {
		return
	}
	container := pod.Spec.Containers[0]
	if g.valid && container.SecurityContext != nil && container.SecurityContext.AppArmorProfile != nil {
		return
	}
	key := corev1.DeprecatedAppArmorBetaContainerAnnotationKeyPrefix + container.Name
	value := pick(g, "runtime/default", "localhost/agent")
	if !g.valid {
		value = pick(g, value, "")
		key = pick(g, key, corev1.SeccompPodAnnotationKey, "example.com/note")
	}
	if g.evil() {
		value = "unconfined"
		if !g.valid {
			value = pick(g, "unconfined", "runtime/other", "Localhost/x", " ")
		}
	}
	pod.Annotations = map[string]string{key: value}
}

func (g *generator) podContext(spec *corev1.PodSpec) {
	sc := &corev1.PodSecurityContext{}
	if g.perUnit {
		sc.RunAsNonRoot = g.maybe(true, false)
	} else if !g.evil() {
		sc.RunAsNonRoot = ref(!g.evil())
	}
	if !g.perUnit || g.chance(0.3) {
		sc.SeccompProfile = g.seccomp()
	}
	sc.RunAsUser = g.user()
	sc.AppArmorProfile = g.appArmor()
	sc.SELinuxOptions = g.seLinux()
	sc.WindowsOptions = g.windows()
	sc.Sysctls = g.sysctls(spec)
	if g.perUnit && g.chance(0.3) {
		return
	}
	spec.SecurityContext = sc
}

func (g *generator) user() *int64 {
	if g.evil() {
		return ref(int64(0))
	}
	if g.chance(0.5) {
		return nil
	}
	return ref(int64(1 + g.IntN(70000)))
}

func (g *generator) seccomp() *corev1.SeccompProfile {
	kind := pick(g, corev1.SeccompProfileTypeRuntimeDefault, corev1.SeccompProfileTypeLocalhost)
	if g.evil() {
		kind = corev1.SeccompProfileTypeUnconfined
		if !g.valid {
			kind = pick(g, kind, "", "runtimedefault")
		}
	}
	profile := &corev1.SeccompProfile{Type: kind}
	if kind == corev1.SeccompProfileTypeLocalhost {
		profile.LocalhostProfile = ref("profiles/agent.json")
	}
	if !g.valid && g.evil() {
		return nil
	}
	return profile
}

func (g *generator) appArmor() *corev1.AppArmorProfile {
	if g.chance(0.7) {
		return nil
	}
	kind := pick(g, corev1.AppArmorProfileTypeRuntimeDefault, corev1.AppArmorProfileTypeLocalhost)
	if g.evil() {
		kind = corev1.AppArmorProfileTypeUnconfined
		if !g.valid {
			kind = pick(g, kind, "", "localhost")
		}
	}
	profile := &corev1.AppArmorProfile{Type: kind}
	if kind == corev1.AppArmorProfileTypeLocalhost {
		profile.LocalhostProfile = ref("agent")
	}
	return profile
}

func (g *generator) seLinux() *corev1.SELinuxOptions {
	if g.chance(0.7) {
		return nil
	}
	options := &corev1.SELinuxOptions{
		Level: "s0:c1,c2",
		Type:  pick(g, "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"),
	}
	if g.evil() {
		options.Type = pick(g, "spc_t", "container_file_t", "Container_t")
	}
	if g.evil() {
		options.User = "system_u"
	}
	if g.evil() {
		options.Role = "system_r"
	}
	return options
}

func (g *generator) windows() *corev1.WindowsSecurityContextOptions {
	if g.valid || g.chance(0.85) {
		return nil
	}
	return &corev1.WindowsSecurityContextOptions{HostProcess: g.maybe(false, true)}
}

func (g *generator) sysctls(spec *corev1.PodSpec) []corev1.Sysctl {
	if g.chance(0.7) || (g.valid && (spec.HostNetwork || spec.HostIPC)) {
		return nil
	}
	safe := []string{
		"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
		"net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start",
		"net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time",
		"net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
		"net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
		"net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_notsent_lowat",
	}
	unsafe := []string{"kernel.msgmax", "net.core.somaxconn", "net.ipv4.tcp_mem", "fs.mqueue.msg_max"}
	g.Shuffle(len(safe), func(i, j int) { safe[i], safe[j] = safe[j], safe[i] })
	list := []corev1.Sysctl{}
	for _, name := range safe[:g.IntN(3)] {
		list = append(list, corev1.Sysctl{Name: name, Value: "1"})
	}
	if g.evil() {
		list = append(list, corev1.Sysctl{Name: pick(g, unsafe...), Value: "1"})
	}
	return list
}

func (g *generator) containers(spec *corev1.PodSpec) {
	for i := range 1 + g.IntN(2) {
		spec.Containers = append(spec.Containers, g.container(fmt.Sprintf("main-%d", i), spec, true))
	}
	for i := range pick(g, 0, 0, 1, 2) {
		name := fmt.Sprintf("init-%d", i)
		spec.InitContainers = append(spec.InitContainers, g.container(name, spec, !g.valid))
	}
	if g.valid || g.chance(0.8) {
		return
	}
	for i := range 1 + g.IntN(2) {
		common := g.container(fmt.Sprintf("debug-%d", i), spec, true)
		spec.EphemeralContainers = append(spec.EphemeralContainers,
			corev1.EphemeralContainer{EphemeralContainerCommon: corev1.EphemeralContainerCommon(common)})
	}
}

func (g *generator) container(name string, spec *corev1.PodSpec, probes bool) corev1.Container {
	c := corev1.Container{Name: name, Image: "registry.k8s.io/pause:3.10"}
	if !g.evil() || !g.chance(0.3) {
		c.SecurityContext = g.containerContext()
	}
	for i := range pick(g, 0, 0, 1, 2) {
		g.ports += 1 + int32(g.IntN(9))
		port := 8000 + g.ports
		c.Ports = append(c.Ports, corev1.ContainerPort{ContainerPort: port})
		if g.evil() {
			c.Ports[i].HostPort = port
		}
	}
	if probes {
		g.probes(&c)
	}
	return c
}

func (g *generator) containerContext() *corev1.SecurityContext {
	sc := &corev1.SecurityContext{}
	if g.perUnit && !g.evil() {
		sc.RunAsNonRoot = ref(!g.evil())
		sc.SeccompProfile = g.seccomp()
	} else {
		sc.RunAsNonRoot = g.maybe(true, false)
		if g.chance(0.3) {
			sc.SeccompProfile = g.seccomp()
		}
	}
	sc.Privileged = g.maybe(false, true)
	if !g.evil() {
		sc.AllowPrivilegeEscalation = ref(g.evil())
	}
	sc.Capabilities = g.capabilities()
	sc.RunAsUser = g.user()
	sc.AppArmorProfile = g.appArmor()
	sc.SELinuxOptions = g.seLinux()
	sc.WindowsOptions = g.windows()
	if g.chance(0.2) {
		sc.ProcMount = ref(corev1.DefaultProcMount)
	}
	if !g.valid && g.evil() {
		sc.ProcMount = ref(pick(g, corev1.UnmaskedProcMount, "", "default"))
	}
	if g.valid && sc.Privileged != nil && *sc.Privileged {
		sc.AllowPrivilegeEscalation = nil
	}
	return sc
}

func (g *generator) capabilities() *corev1.Capabilities {
	if g.evil() {
		return nil
	}
	c := &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}
	if g.evil() {
		c.Drop = []corev1.Capability{pick(g, corev1.Capability("all"), "NET_RAW", "CAP_ALL")}
	}
	if g.chance(0.2) {
		c.Drop = append([]corev1.Capability{"CHOWN"}, c.Drop...)
	}
	if g.chance(0.3) {
		c.Add = []corev1.Capability{"NET_BIND_SERVICE"}
	}
	if g.evil() {
		c.Add = append(c.Add, pick(g, corev1.Capability("NET_RAW"), "CHOWN", "net_bind_service"))
	}
	return c
}

func (g *generator) host() string {
	if g.evil() {
		return pick(g, "localhost", "127.0.0.1", "example.com")
	}
	return ""
}

func (g *generator) handler() corev1.ProbeHandler {
	port := intstr.FromInt32(8080)
	switch g.IntN(3) {
	case 0:
		return corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/", Port: port, Host: g.host()}}
	case 1:
		return corev1.ProbeHandler{TCPSocket: &corev1.TCPSocketAction{Port: port, Host: g.host()}}
	}
	return corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: []string{"true"}}}
}

func (g *generator) lifecycleHandler() *corev1.LifecycleHandler {
	if g.chance(0.5) {
		return nil
	}
	probe := g.handler()
	return &corev1.LifecycleHandler{HTTPGet: probe.HTTPGet, TCPSocket: probe.TCPSocket, Exec: probe.Exec}
}

func (g *generator) probes(c *corev1.Container) {
	for _, to := range []**corev1.Probe{&c.LivenessProbe, &c.ReadinessProbe, &c.StartupProbe} {
		if g.chance(0.2) {
			*to = &corev1.Probe{ProbeHandler: g.handler()}
		}
	}
	if g.chance(0.15) {
		c.Lifecycle = &corev1.Lifecycle{PostStart: g.lifecycleHandler(), PreStop: g.lifecycleHandler()}
	}
}
