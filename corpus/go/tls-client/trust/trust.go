// Package trust looks at the certificates that this system trusts.
package trust

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"net/http"
	"time"
)

// Roots are the common names of the certificate authorities of the system, or their organisations
// where they have none.
func Roots() ([]string, error) {
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, err
	}
	var names []string
	//lint:ignore SA1019 on Linux the pool is complete
	for _, der := range pool.Subjects() {
		var sequence pkix.RDNSequence
		if _, err := asn1.Unmarshal(der, &sequence); err != nil {
			return nil, fmt.Errorf("subject: %w", err)
		}
		var name pkix.Name
		name.FillFromRDNSequence(&sequence)
		switch {
		case name.CommonName != "":
			names = append(names, name.CommonName)
		case len(name.OrganizationalUnit) > 0:
			names = append(names, name.OrganizationalUnit[0])
		}
	}
	return names, nil
}

// Issuer of the certificate with which the server at an https address shows itself.
func Issuer(address string, timeout time.Duration) (string, error) {
	client := &http.Client{
		Timeout:   timeout,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}},
	}
	response, err := client.Head(address)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.TLS == nil {
		return "", fmt.Errorf("%s is not encrypted", address)
	}
	return response.TLS.PeerCertificates[0].Issuer.CommonName, nil
}
