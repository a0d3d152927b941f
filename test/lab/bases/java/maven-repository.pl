#!/usr/bin/perl
# Turns Debian's folder of Maven artifacts into a repository that Maven can browse.
# Debian's folder has poms and jars alone: no list of versions (needed for a plugin that a pom
# names without a version), no list of prefixes (needed for `mvn dependency:…`), no checksums
# (Maven prints a stack trace for each missing one), and one version of every plugin.
use strict;
use warnings;
use Digest::SHA;
use File::Find;
use File::Path qw(make_path);

# Versions that Maven's own super-POM or people's poms name; each is relocated to Debian's.
my %named_versions = (
    'maven-antrun-plugin'     => [qw(3.1.0)],
    'maven-assembly-plugin'   => [qw(3.3.0 3.6.0 3.7.1)],
    'maven-clean-plugin'      => [qw(3.1.0 3.3.2 3.4.0)],
    'maven-compiler-plugin'   => [qw(3.8.0 3.8.1 3.10.1 3.11.0 3.12.1 3.14.0)],
    'maven-dependency-plugin' => [qw(3.6.0 3.6.1 3.7.0 3.7.1 3.8.0)],
    'maven-deploy-plugin'     => [qw(2.8.2 3.1.1 3.1.2)],
    'maven-install-plugin'    => [qw(2.5.2 3.1.1)],
    'maven-jar-plugin'        => [qw(3.2.0 3.2.2 3.4.1 3.4.2)],
    'maven-resources-plugin'  => [qw(3.0.2 3.2.0 3.3.0)],
    'maven-shade-plugin'      => [qw(3.2.4 3.4.1 3.5.0 3.5.1 3.5.2)],
    'maven-site-plugin'       => [qw(3.12.1)],
    'maven-surefire-plugin'   => [qw(2.22.1 2.22.2 3.0.0 3.1.2 3.2.5 3.5.2)],
);

my ($repository) = @ARGV;
my $plugins_group = 'org/apache/maven/plugins';

sub write_file {
    my ( $path, $text ) = @_;
    open my $out, '>', $path or die "$path: $!";
    print {$out} $text;
    close $out or die "$path: $!";
}

# group folder => artifact => versions
sub read_versions {
    my %found;
    find(
        {
            no_chdir => 1,
            wanted   => sub {
                return if !/\.pom$/;
                my @parts = split m{/}, substr $_, length($repository) + 1;
                pop @parts;
                my $version  = pop @parts;
                my $artifact = pop @parts;
                push @{ $found{ join '/', @parts }{$artifact} }, $version;
            }
        },
        $repository
    );
    return \%found;
}

# The order in which Maven would pick a default: by the numbers, Debian's own words last.
sub by_number {
    my @left  = split /[^0-9]+/, $a;
    my @right = split /[^0-9]+/, $b;
    while ( @left || @right ) {
        my $order = ( shift(@left) || 0 ) <=> ( shift(@right) || 0 );
        return $order if $order;
    }
    return $a cmp $b;
}

sub newest {
    my @numbered = sort by_number grep { /^\d/ && !/x$|SNAPSHOT/ } @_;
    return @numbered ? $numbered[-1] : $_[-1];
}

my $plugins = read_versions()->{$plugins_group};
my %release;
for my $artifact ( keys %{$plugins} ) {
    $release{$artifact} = newest( @{ $plugins->{$artifact} } );
}
for my $artifact ( sort keys %named_versions ) {
    my $target = $release{$artifact} or next;
    for my $version ( @{ $named_versions{$artifact} } ) {
        my $folder = "$repository/$plugins_group/$artifact/$version";
        next if -e $folder;
        make_path($folder);
        write_file( "$folder/$artifact-$version.pom", <<"POM" );
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>org.apache.maven.plugins</groupId>
  <artifactId>$artifact</artifactId>
  <version>$version</version>
  <packaging>maven-plugin</packaging>
  <distributionManagement>
    <relocation>
      <version>$target</version>
    </relocation>
  </distributionManagement>
</project>
POM
    }
}

my $all = read_versions();
for my $folder ( sort keys %{$all} ) {
    ( my $group = $folder ) =~ tr{/}{.};
    my $prefixes = q{};
    for my $artifact ( sort keys %{ $all->{$folder} } ) {
        my @versions = sort by_number @{ $all->{$folder}{$artifact} };
        # A relocated version is no release: the default stays the one that has a jar.
        my $release = $folder eq $plugins_group ? $release{$artifact} : newest(@versions);
        my $listed = join q{}, map { "<version>$_</version>" } @versions;
        write_file( "$repository/$folder/$artifact/maven-metadata.xml",
                "<metadata><groupId>$group</groupId><artifactId>$artifact</artifactId>"
              . "<versioning><latest>$release</latest><release>$release</release>"
              . "<versions>$listed</versions></versioning></metadata>\n" );
        if ( $artifact =~ /^maven-(\w+)-plugin$/ || $artifact =~ /^(\w+)-maven-plugin$/ ) {
            $prefixes .= "<plugin><name>$artifact</name><prefix>$1</prefix>"
              . "<artifactId>$artifact</artifactId></plugin>";
        }
    }
    if ($prefixes) {
        write_file( "$repository/$folder/maven-metadata.xml",
            "<metadata><plugins>$prefixes</plugins></metadata>\n" );
    }
}

find(
    {
        no_chdir    => 1,
        follow_fast => 1,
        follow_skip => 2,
        wanted      => sub {
            return if !/\.(?:pom|jar|xml)$/ || !-f;
            write_file( "$_.sha1", Digest::SHA->new(1)->addfile($_)->hexdigest . "\n" );
        }
    },
    $repository
);
