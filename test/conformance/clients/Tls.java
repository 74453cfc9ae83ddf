// SPDX-License-Identifier: Apache-2.0
// A TLS server that demands a certificate, or a client: knows nothing of PKCS #11, the settings of the JVM do.
// Tls server PORT | Tls client PORT VERSION
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

public class Tls {
    static void greet(SSLSocket socket) {
        try (socket) {
            String who = socket.getSession().getPeerPrincipal().getName();
            socket.getOutputStream().write(("hello " + who + "\n").getBytes());
        } catch (IOException refused) {
            System.err.println("refused: " + refused.getMessage());
        }
    }

    static void serve(int port) throws IOException {
        var listener = (SSLServerSocket) SSLServerSocketFactory.getDefault().createServerSocket(port);
        listener.setNeedClientAuth(true);
        while (true) {
            var socket = (SSLSocket) listener.accept();
            new Thread(() -> greet(socket)).start();
        }
    }

    static void call(int port, String version) throws IOException {
        try (var socket = (SSLSocket) SSLSocketFactory.getDefault().createSocket("localhost", port)) {
            SSLParameters settings = socket.getSSLParameters();
            settings.setProtocols(new String[] {version});
            settings.setEndpointIdentificationAlgorithm("HTTPS");
            socket.setSSLParameters(settings);
            var reader = new BufferedReader(new InputStreamReader(socket.getInputStream()));
            System.out.println(reader.readLine() + ", " + socket.getSession().getProtocol());
        }
    }

    public static void main(String[] words) throws IOException {
        if (words[0].equals("server")) {
            serve(Integer.parseInt(words[1]));
        } else {
            call(Integer.parseInt(words[1]), words[2]);
        }
    }
}
