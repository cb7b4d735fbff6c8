package main

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

func claim() *corev1.EphemeralVolumeSource {
	storage := corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}
	return &corev1.EphemeralVolumeSource{VolumeClaimTemplate: &corev1.PersistentVolumeClaimTemplate{
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources:   corev1.VolumeResourceRequirements{Requests: storage},
		},
	}}
}

func fieldItems() []corev1.DownwardAPIVolumeFile {
	field := &corev1.ObjectFieldSelector{FieldPath: "metadata.name"}
	return []corev1.DownwardAPIVolumeFile{{Path: "name", FieldRef: field}}
}

// allowedVolumes lists each source that restricted allows.
func allowedVolumes() []corev1.VolumeSource {
	name := corev1.LocalObjectReference{Name: "config"}
	return []corev1.VolumeSource{
		{}, // an emptyDir, once the server has read it
		{EmptyDir: &corev1.EmptyDirVolumeSource{}},
		{ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: name}},
		{Secret: &corev1.SecretVolumeSource{SecretName: "secret"}},
		{DownwardAPI: &corev1.DownwardAPIVolumeSource{Items: fieldItems()}},
		{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
			{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: name}},
		}}},
		{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: "claim"}},
		{CSI: &corev1.CSIVolumeSource{Driver: "csi.example.com"}},
		{Ephemeral: claim()},
		{Image: &corev1.ImageVolumeSource{Reference: "registry.k8s.io/pause:3.10"}},
	}
}

// refusedVolumes lists each source that restricted refuses, those of API-valid pods first.
func refusedVolumes() []corev1.VolumeSource {
	return []corev1.VolumeSource{
		{HostPath: &corev1.HostPathVolumeSource{Path: "/"}},
		{NFS: &corev1.NFSVolumeSource{Server: "nfs.example.com", Path: "/"}},
		{GCEPersistentDisk: &corev1.GCEPersistentDiskVolumeSource{}},
		{AWSElasticBlockStore: &corev1.AWSElasticBlockStoreVolumeSource{}},
		{GitRepo: &corev1.GitRepoVolumeSource{}},
		{ISCSI: &corev1.ISCSIVolumeSource{}},
		{Glusterfs: &corev1.GlusterfsVolumeSource{}},
		{RBD: &corev1.RBDVolumeSource{}},
		{FlexVolume: &corev1.FlexVolumeSource{}},
		{Cinder: &corev1.CinderVolumeSource{}},
		{CephFS: &corev1.CephFSVolumeSource{}},
		{Flocker: &corev1.FlockerVolumeSource{}},
		{FC: &corev1.FCVolumeSource{}},
		{AzureFile: &corev1.AzureFileVolumeSource{}},
		{VsphereVolume: &corev1.VsphereVirtualDiskVolumeSource{}},
		{Quobyte: &corev1.QuobyteVolumeSource{}},
		{AzureDisk: &corev1.AzureDiskVolumeSource{}},
		{PhotonPersistentDisk: &corev1.PhotonPersistentDiskVolumeSource{}},
		{PortworxVolume: &corev1.PortworxVolumeSource{}},
		{ScaleIO: &corev1.ScaleIOVolumeSource{}},
		{StorageOS: &corev1.StorageOSVolumeSource{}},
	}
}

func (g *generator) volumes(spec *corev1.PodSpec) {
	refused := refusedVolumes()
	if g.valid {
		refused = refused[:2]
	}
	for i := range g.IntN(4) {
		source := pick(g, allowedVolumes()...)
		if g.evil() {
			source = pick(g, refused...)
			if !g.valid && g.chance(0.2) {
				// More than one source: the allowed one decides.
				source.EmptyDir = &corev1.EmptyDirVolumeSource{}
			}
		}
		name := fmt.Sprintf("volume-%d", i)
		spec.Volumes = append(spec.Volumes, corev1.Volume{Name: name, VolumeSource: source})
	}
}
